/** What a key does in the queue of exceptions. */
export type ListAction = 'next' | 'previous' | 'first' | 'last' | 'open' | 'select' | 'estimate' | 'accept' | 'help' | 'clear';

/** Keys and what they do, in the order in which they are told. */
export const LIST_KEYS = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  Home: 'first',
  End: 'last',
  Enter: 'open',
  x: 'select',
  e: 'estimate',
  a: 'accept',
  Escape: 'clear',
  '?': 'help',
} as const satisfies Readonly<Record<string, ListAction>>;

/** What of a key press matters. */
export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** @param control whether the press belongs to a control that uses keys itself, such as a field of text */
export function listAction({ key, ctrlKey, metaKey, altKey }: Press, control: 'text' | 'button' | 'none'): ListAction | undefined {
  if (control === 'text' || ctrlKey || metaKey || altKey) return undefined;
  if (control === 'button' && key === 'Enter') return undefined;
  return Object.hasOwn(LIST_KEYS, key) ? LIST_KEYS[key as keyof typeof LIST_KEYS] : undefined;
}

/** Where the cursor goes. @returns -1 in an empty list */
export function moved(cursor: number, action: ListAction, length: number): number {
  switch (action) {
    case 'next':
      return Math.min(length - 1, cursor + 1);
    case 'previous':
      return Math.min(length - 1, Math.max(0, cursor - 1));
    case 'first':
      return Math.min(length - 1, 0);
    case 'last':
      return length - 1;
    default:
      return Math.min(length - 1, cursor);
  }
}
