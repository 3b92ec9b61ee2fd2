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

/**
 * The day as a settlement run took it, whatever came later; undefined when the run never took it. A day that was sealed again says
 * so in its history, as far as it kept its bounds.
 */
export function asSettled(commits: Iterable<DatedEvents>, run: string): MeterDayState | undefined {
  const events = [...commits].flatMap((commit) => commit.events);
  const taken = takenBy(events, run);
  if (taken !== undefined) return taken;
  for (const event of events.toReversed()) {
    const before = event.type === 'DayResealed' ? takenBy(event.data.history, run) : undefined;
    if (before !== undefined) return before;
  }
  return undefined;
}

function takenBy(events: readonly DomainEvent[], run: string): MeterDayState | undefined {
  const settled = events.find((event) => event.type === 'DaySettled' && event.data.run === run);
  if (settled?.type !== 'DaySettled') return undefined;
  let state = initial;
  for (const event of events) {
    state = evolve(state, event);
    if (state.status === 'open' && state.outcome?.revision === settled.data.revision) return state;
  }
  return undefined;
}
