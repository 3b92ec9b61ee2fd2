import { currentEpoch } from '../../domain/enrolment/ladder.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import { foldStream } from '../shared/streams.ts';
import type { KeysContext } from './context.ts';
import { sendSealed } from './sealed-downlink.ts';

/** Asks a meter whose epoch is overdue to say HELLO. Does nothing when it has done so meanwhile. */
export async function onEpochRequest(context: KeysContext, meterId: string, epoch: number): Promise<void> {
  const { state } = await foldStream(context.platform.events, `meter/${meterId}`, meter, context.meters);
  if (state.status !== 'active' || currentEpoch(state) !== epoch || state.ladder.highest > epoch) return;
  const dcId = state.relays.findLast((relay) => relay.until === undefined)?.dcId;
  if (dcId === undefined) return;
  await sendSealed(context, state, dcId, 'epoch-request', Buffer.alloc(0));
}
