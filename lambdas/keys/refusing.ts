import { createHash } from 'node:crypto';
import { meter } from '../../domain/enrolment/meter.ts';
import type { RefusalReason } from '../../events/index.ts';
import { runDecider } from '../shared/streams.ts';
import { publish } from './answering.ts';
import type { KeysContext } from './context.ts';
import type { Arrival } from './junk.ts';

/**
 * Turns a known meter's message away. Outward there is silence, or the one answer that may go out in 10 minutes; the
 * reason is recorded with the meter, 8 times a day singly, and beyond that counted with the concentrator.
 * @param answer exact bytes that tell the meter what to do, for verified senders only
 */
export async function refuse(context: KeysContext, arrival: Arrival, meterId: string, reason: string, answer?: Buffer): Promise<void> {
  if (reason === 'meter-unknown') return discard(context, arrival, 'unknown-meter');
  context.counters.add('HandshakeRefused');
  const hash = createHash('sha256').update(arrival.bytes).digest();
  const command = { type: 'RefuseHello' as const, reason, hash, at: context.platform.clock.now(), ...(answer && { answer }) };
  const { events, state } = await runDecider(context.platform.events, `meter/${meterId}`, meter, command, context.meters);
  for (const event of events) {
    if (event.type !== 'EpochRefused' || event.data.answer === undefined) continue;
    await publish(context.platform, arrival.dcId, meterId, Buffer.from(event.data.answer));
  }
  const recorded = 'refusals' in state && state.refusals.hashes.includes(hash.toString('hex'));
  if (!recorded) await context.junk.note(arrival, countedAs(reason));
}

/** Turns away what names no meter of ours. Outward: silence. */
export async function discard(context: KeysContext, arrival: Arrival, reason: RefusalReason): Promise<void> {
  context.counters.add('HandshakeJunk');
  await context.junk.note(arrival, reason);
}

function countedAs(reason: string): RefusalReason {
  if (reason === 'unassigned-relay' || reason === 'meter-quarantined' || reason === 'meter-retired') return reason;
  return 'not-authentic';
}
