import { signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Caller } from '../shared/session.ts';

/** Who sits at the console, and what their requests go through. */
export interface Desk {
  readonly requests: Caller;
  readonly person: string;
  readonly role: string;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

/** @throws Error outside of a signed-in console */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === undefined) throw new Error('nobody has signed in');
  return desk;
}

const TICK_MS = 5_000;

/** UTC ms, every few seconds: what ages are counted from. */
export const now = signal(Date.now());

export function startClock(): void {
  setInterval(() => {
    now.value = Date.now();
  }, TICK_MS);
}

/** Where times have no zone of their own. */
export const UTC = { zone: 'UTC' } as const;
