import type { EditRequest, PreviewRequest } from '../../api/edits.ts';
import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { estimateByMethod } from '../../domain/meterday/estimate-by.ts';
import type { ChannelState, OpenDay } from '../../domain/meterday/state.ts';
import { noHistory } from '../../domain/vee/history.ts';
import { VEE_POLICIES, type VeePolicy } from '../../domain/vee/policy.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { historyFor } from '../close-day/history.ts';
import { weekdayOf } from '../shared/days/local-days.ts';
import { pointOf } from '../shared/days/points.ts';

/** No certificate can name a person so: stands for whoever approves. */
export const SECOND_PERSON = '(second person)';

/**
 * What a person asks of a day, as the day's decider takes it. To look at an approval is nobody's deciding: it is asked as somebody who is neither.
 * @throws ERR_EDIT_INVALID, ERR_METHOD_UNFIT
 */
export async function commandOf(
  platform: Platform,
  { person }: Principal,
  day: OpenDay,
  request: PreviewRequest,
): Promise<MeterDayCommand> {
  const at = platform.clock.now();
  if (request.kind === 'approve') return { type: 'ApproveEdit', edit: request.edit, by: SECOND_PERSON, at };
  const { reason, note } = request;
  const words = { reason, note, by: person, at };
  if (request.kind === 'undo') return { type: 'UndoEdit', edit: request.edit, ...words };
  if (request.kind === 'finalize') return await finalizing(platform, day, words);
  const { channel, slots } = request;
  const of = { channel, slots, ...words };
  const state = day.channels[channel];
  if (state === undefined) throw invalid('the day has no such channel');
  switch (request.kind) {
    case 'accept':
      return { type: 'AcceptSlots', ...of };
    case 'values':
      return { type: 'EditValues', ...of, counts: countsOf(state, request.energyWh) };
    case 'agreed':
      return { type: 'AgreeReading', ...of, counts: countsOf(state, request.energyWh) };
    case 'estimate':
      return { type: 'EstimateSlots', ...of, ...(await estimateOf(platform, person, day, state, request)) };
  }
}

/** @throws ERR_DAY_LASTS for a day that is not over */
async function finalizing(
  platform: Platform,
  day: OpenDay,
  { at, ...word }: { readonly reason: string; readonly note: string; readonly by: string; readonly at: number },
): Promise<MeterDayCommand> {
  if (at < day.frame.end * 1000) throw new JoulekeepError('ERR_DAY_LASTS', 'the day is not over yet');
  const reader = { purpose: 'estimation', person: word.by } as const;
  const known = day.channels.find((channel) => channel !== undefined)!.asset;
  const channels = Array.from(day.channels, (channel) => channel?.asset ?? known);
  const history = await historyFor(platform, { frame: day.frame, channels }, reader);
  const policy = await policyOf(platform, day);
  return { type: 'FinalizeDay', policy, history, due: true, hold: true, seal: true, word, at };
}

async function estimateOf(
  platform: Platform,
  person: string,
  day: OpenDay,
  state: ChannelState,
  { slots, method }: Extract<EditRequest, { kind: 'estimate' }>,
) {
  const channels = Array.from(day.channels, (channel) => channel?.asset ?? state.asset);
  const histories = await historyFor(platform, { frame: day.frame, channels }, { purpose: 'editing', person });
  const history = histories[state.channel] ?? noHistory(weekdayOf(day.frame.day));
  return estimateByMethod(day, state, slots, method, history, await policyOf(platform, day));
}

async function policyOf(platform: Platform, { frame }: OpenDay): Promise<VeePolicy> {
  const [points = []] = await pointOf(platform, [frame.meterId]);
  return VEE_POLICIES[points.find(({ usagePoint }) => usagePoint === frame.usagePoint)?.meterClass ?? 'residential'];
}

/** Counts are what a meter counts: energy in between does not exist. */
function countsOf({ perCount }: ChannelState, energyWh: readonly number[]): number[] {
  return energyWh.map((energy) => {
    const counts = energy / perCount;
    if (!Number.isInteger(counts)) throw invalid(`energy in whole multiples of ${perCount} is expected`);
    return counts;
  });
}

function invalid(why: string): JoulekeepError {
  return new JoulekeepError('ERR_EDIT_INVALID', why);
}
