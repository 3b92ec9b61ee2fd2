import { computed, signal } from '@preact/signals';

/** Where the application is: `#/usage/2026-11-26?unit=money` has parts `usage`, `2026-11-26` and a query. */
export interface Place {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

const fragment = signal('');

export const place = computed(() => placeOf(fragment.value));

/** Reads a fragment. What can't be read is the first page. */
export function placeOf(text: string): Place {
  const [path = '', query = ''] = text.replace(/^#/, '').split('?', 2);
  try {
    return { parts: path.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
  } catch {
    return { parts: [], query: new URLSearchParams() };
  }
}

/** The fragment of a place. */
export function hrefOf(parts: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const told = new URLSearchParams(query).toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${told === '' ? '' : `?${told}`}`;
}

/** Goes there; `replace` leaves no step to go back to. */
export function go(href: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  fragment.value = href;
}

/** Follows the address from now on. */
export function followAddress(): void {
  addEventListener('hashchange', readAddress);
  addEventListener('popstate', readAddress);
  readAddress();
}

/** After somebody else changed the address. */
export function readAddress(): void {
  fragment.value = location.hash;
}
