import type { DomainEvent } from '../../events/index.ts';
import { evolve, initial } from './evolve.ts';
import type { MeterDayState } from './state.ts';

/** A commit as far as a look back needs it. */
export interface DatedEvents {
  /** UTC ms. */
  readonly recordedAt: number;
  readonly events: readonly DomainEvent[];
}

/** The day as it was known at an instant: what was recorded up to then. @param at UTC ms */
export function asKnownAt(commits: Iterable<DatedEvents>, at: number): MeterDayState {
  let state = initial;
  for (const { recordedAt, events } of commits) {
    if (recordedAt > at) break;
    for (const event of events) state = evolve(state, event);
  }
  return state;
}

/** The day as a settlement run took it, whatever came later; undefined when the run never took it. */
export function asSettled(commits: Iterable<DatedEvents>, run: string): MeterDayState | undefined {
  const events = [...commits].flatMap((commit) => commit.events);
  const settled = events.find((event) => event.type === 'DaySettled' && event.data.run === run);
  if (settled?.type !== 'DaySettled') return undefined;
  let state = initial;
  for (const event of events) {
    state = evolve(state, event);
    if (state.status === 'open' && state.outcome?.revision === settled.data.revision) return state;
  }
  return undefined;
}
