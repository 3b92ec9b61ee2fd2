import { effect, signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** How bright the application is: as the system says, or as the person chose. */
export const theme = signal<Theme>('system');

const KEPT_AS = 'joulekeep-theme';

/** Takes the choice of last time, and tells the document of this one. */
export function followTheme(): void {
  const kept = localStorage.getItem(KEPT_AS);
  theme.value = THEMES.find((known) => known === kept) ?? 'system';
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    if (theme.value === 'system') localStorage.removeItem(KEPT_AS);
    else localStorage.setItem(KEPT_AS, theme.value);
  });
}
