const PATHS = {
  good: 'M3 8.5l3.5 3.5L13 4.5',
  warn: 'M8 2l6.5 12h-13zM8 6.5v3.5M8 12v.5',
  bad: 'M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2zM5.5 5.5l5 5M10.5 5.5l-5 5',
  idle: 'M3 8h10',
  wait: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM8 4.5V8l2.5 1.5',
  key: 'M10.5 2a3.5 3.5 0 1 1-2.6 5.8L2.5 13.2V14H5v-2h2v-2h1.2',
  certificate: 'M3 1.5h10v9H3zM5 4.5h6M5 7h4M6 10.5V15l2-1.3L10 15v-4.5',
} as const;
export type IconName = keyof typeof PATHS;

/** A picture beside a word that says the same. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
