import type { OpenDay } from '../../domain/meterday/state.ts';
import { ruleBit } from '../../domain/vee/findings.ts';
import type { VeePolicy } from '../../domain/vee/policy.ts';
import { prolongedEstimation } from '../../domain/vee/rules/v24-prolonged.ts';
import { siblingsDiffer } from '../../domain/vee/rules/v25-siblings.ts';
import { isSilent } from '../../domain/vee/rules/v26-silence.ts';
import { NO_COUNTS } from '../../events/index.ts';
import type { RosterMember } from './roster.ts';

const HOUR_MS = 3_600_000;

/** What the schedule has to say about a meter when its day is closed. */
export interface Watched {
  /** Bits of V24, V25 and V26 for the day. */
  readonly warnings: number;
  /** V24 went from nothing to an event, or from an event to an alarm, with this day. */
  readonly prolonged: boolean;
  /** V26 began with this day. */
  readonly fellSilent: boolean;
}

/**
 * V24 to V26 over the days of a meter, in the order in which they fall due; what it says once it does not say again while it
 * lasts. Remembers in `member` how long it has lasted.
 * @param days the parts of the day, with what was collected @param now UTC ms
 */
export function watchMeter(member: RosterMember, days: readonly OpenDay[], policy: VeePolicy, now: number): Watched {
  const { perChannel, slots } = coverage(days);
  const delivered = perChannel.reduce((sum, count) => sum + count, 0);
  const expected = slots * perChannel.length;
  const before = member.estimatedDays;
  member.estimatedDays = delivered * 2 < expected ? before + 1 : 0;
  const verdict = prolongedEstimation(member.estimatedDays, policy);
  const prolonged = verdict !== 'none' && verdict !== prolongedEstimation(before, policy);
  const silent = isSilent({ hoursSilent: (now - member.lastEnd * 1000) / HOUR_MS, delivered, expected }, policy);
  const fellSilent = silent && !member.silent;
  member.silent = silent;
  const siblings = siblingsDiffer(perChannel, slots) && perChannel.length > 1;
  const warnings = (prolonged ? ruleBit('V24') : 0) | (siblings ? ruleBit('V25') : 0) | (silent ? ruleBit('V26') : 0);
  return { warnings, prolonged, fellSilent };
}

/** Slots with a value per channel, and slots of the whole day. */
function coverage(days: readonly OpenDay[]): { perChannel: number[]; slots: number } {
  const perChannel: number[] = [];
  for (const { channels, slots } of days) {
    for (const channel of channels) {
      if (channel === undefined) continue;
      let delivered = perChannel[channel.channel] ?? 0;
      for (let slot = 0; slot < slots; slot++) if (channel.counts[slot] !== NO_COUNTS) delivered++;
      perChannel[channel.channel] = delivered;
    }
  }
  return { perChannel, slots: days.reduce((sum, { slots }) => sum + slots, 0) };
}
