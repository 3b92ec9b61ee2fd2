import type { ChannelOutcome, MeterDayEvent } from '../../events/index.ts';
import { contradicts, hasDisputed, type Layers, outcomeOf, sameOutcome } from './effective.ts';
import type { OpenDay } from './state.ts';

/** Why and by whom a final day is stated again. */
export interface Cause {
  readonly reason: string;
  readonly by: string;
  readonly at: number;
}

export interface Standing {
  readonly channels: readonly ChannelOutcome[];
  readonly held: boolean;
}

export function standingOf(day: OpenDay, layers: readonly (Layers | undefined)[], hold: boolean): Standing {
  const channels = layers.filter((channel) => channel !== undefined).map((channel) => outcomeOf(channel, day.slots, hold));
  const disputed = layers.some((channel) => channel !== undefined && hasDisputed(channel, day.slots));
  return { channels, held: hold && contradicts(day, layers, channels, disputed) };
}

/**
 * The event that says how the day stands now; none when it stands as it did. A final day is stated again, before and after; it
 * never becomes provisional.
 */
export function stated(day: OpenDay, standing: Standing, final: boolean, cause: Cause): MeterDayEvent[] {
  const { outcome } = day;
  const same = outcome !== undefined && outcome.held === standing.held && sameOutcome(outcome.channels, standing.channels);
  const data = { revision: day.revision + 1, ...standing, at: cause.at };
  if (day.final) {
    if (same) return [];
    return [{ type: 'DayRestated', data: { ...data, before: outcome?.channels ?? [], reason: cause.reason, by: cause.by } }];
  }
  if (final) return [{ type: 'DayFinalized', data }];
  return same ? [] : [{ type: 'DayProvisional', data }];
}
