const PATHS = {
  tick: 'M5 12.5l4.5 4.5L19 7.5',
  warning: 'M12 4 2.5 20h19L12 4Zm0 6v5m0 2.5v.1',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v5m0-8.5v.1',
  low: 'M12 5v14m-6-6 6 6 6-6',
  normal: 'M5 9.5h14M5 14.5h14',
  high: 'M12 19V5m-6 6 6-6 6 6',
  previous: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8.5a7.5 7.5 0 0 1 15 0',
  shield: 'M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.500-4.500-1.500-7.500-5-7.500-9.500V6L12 3Zm-3.500 9 2.500 2.500 4.500-5',
  home: 'M4 11l8-7 8 7v9h-5.500v-6h-5v6H4v-9Z',
  bolt: 'M13 3 5 13.500h5.500L11 21l8-10.500h-5.500L13 3Z',
} as const;

export type IconName = keyof typeof PATHS;

/** Beside words that say the same. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
