import { JoulekeepError, NO_COUNTS } from '../../events/index.ts';
import { makeChannelDay } from '../vee/channel-day.ts';
import { estimateBy } from '../vee/estimate.ts';
import type { History } from '../vee/history.ts';
import type { ChosenMethod } from '../vee/ladder.ts';
import type { VeePolicy } from '../vee/policy.ts';
import { validate } from '../vee/validate.ts';
import { isEstimate, SOURCE } from './effective.ts';
import { fill } from './judge.ts';
import type { ChannelState, OpenDay } from './state.ts';

/** One value per slot, as `EstimateSlots` takes them. */
export interface ChosenEstimate {
  readonly counts: readonly number[];
  readonly sources: readonly number[];
  readonly confidence: readonly number[];
}

const work = makeChannelDay();

/**
 * What a method that a person chose says of slots that a person chose, scaled by registers where they bracket it.
 * @throws ERR_METHOD_UNFIT when the method does not apply to one of them, or registers prove its reading
 */
export function estimateByMethod(
  day: OpenDay,
  channel: ChannelState,
  slots: readonly number[],
  method: ChosenMethod,
  history: History,
  policy: VeePolicy,
): ChosenEstimate {
  fill(work, day, channel);
  for (const slot of slots) takeEditsBack(channel, slot);
  validate(work, policy);
  estimateBy(method, slots, work, history, policy);
  const unfit = slots.find((slot) => slot >= day.slots || !isEstimate(work.sources[slot]!));
  if (unfit !== undefined) throw new JoulekeepError('ERR_METHOD_UNFIT', `${method} does not apply to slot ${unfit}`);
  return {
    counts: slots.map((slot) => work.counts[slot]!),
    sources: slots.map((slot) => work.sources[slot]!),
    confidence: slots.map((slot) => work.confidence[slot]!),
  };
}

/** What is to be estimated anew is no longer what a person said of it before. */
function takeEditsBack({ counts, edited }: ChannelState, slot: number): void {
  if (edited === undefined || !edited.edit[slot]) return;
  work.counts[slot] = counts[slot]!;
  work.sources[slot] = counts[slot] === NO_COUNTS ? SOURCE.missing : SOURCE.measured;
}
