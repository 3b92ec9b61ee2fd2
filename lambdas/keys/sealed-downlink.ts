import { currentEpoch } from '../../domain/enrolment/ladder.ts';
import type { KnownMeter } from '../../domain/enrolment/meter-state.ts';
import { type DownlinkType, encodeDownlink } from '../../protocol/downlink.ts';
import { epochKeys } from '../../protocol/keys.ts';
import { behindFence, restoreFence } from '../shared/restore-fence.ts';
import { publish } from './answering.ts';
import type { KeysContext } from './context.ts';

/**
 * Sends a meter a message under its active epoch. The segment gives the sequence number and records the exact bytes
 * before they leave. @returns false when the meter has no epoch to seal under, or none since the last restore: it will
 * say HELLO first, and ask again
 */
export async function sendSealed(
  context: KeysContext,
  to: KnownMeter,
  dcId: string,
  kind: DownlinkType & ('certificate' | 'epoch-request' | 'resend'),
  body: Buffer,
): Promise<boolean> {
  const { meterId, segment } = to;
  const epoch = currentEpoch(to);
  if (epoch === undefined || segment === undefined) return false;
  const kept = (await context.vault.secrets(meterId)).find((secret) => secret.epoch === epoch);
  if (kept === undefined || behindFence(await restoreFence(context.platform.directory), kept.createdAt)) return false;
  const { macDown } = epochKeys(kept.secret);
  let bytes: Buffer = Buffer.alloc(0);
  const seal = (dnSeq: number) => {
    bytes = encodeDownlink({ type: kind, meterId, epoch, dnSeq, body }, macDown);
    return bytes;
  };
  await context.segments.execute(segment, { type: 'IssueDownlink', meterId, dcId, kind, seal, at: context.platform.clock.now() });
  await publish(context.platform, dcId, meterId, bytes);
  return true;
}
