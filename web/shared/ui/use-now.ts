import { useState } from 'preact/hooks';
import { useEvery } from '../use-every.ts';

/** The time, UTC ms, as often as a component wants to know it. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEvery(everyMs, () => setNow(Date.now()), []);
  return now;
}
