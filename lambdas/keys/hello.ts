import { createHash } from 'node:crypto';
import { judgeHello, liveEpoch } from '../../domain/enrolment/ladder.ts';
import { LADDER, MILLISECONDS } from '../../domain/enrolment/limits.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import type { ActiveMeter } from '../../domain/enrolment/meter-state.ts';
import { mayAnswer } from '../../domain/enrolment/refusals.ts';
import { encodeEpochIs, type Hello, helloHashOf, parseAccept, type SignedMessage } from '../../protocol/handshake.ts';
import * as agenda from '../shared/devices/agenda.ts';
import { fingerprintOf } from '../shared/devices/certificates.ts';
import { agreementKey, needsManifest, signingKey } from '../shared/keys/manifest.ts';
import { runDecider } from '../shared/streams.ts';
import { agreeEpoch } from './agreement.ts';
import { publish } from './answering.ts';
import type { KeysContext } from './context.ts';
import type { Arrival } from './junk.ts';
import { refuse } from './refusing.ts';
import { identify } from './sender.ts';

type SignedHello = SignedMessage<Hello>;

/**
 * A meter says HELLO. Verified and fresh, it gets a new epoch: the secret is durable, then EpochProposed is, then ACCEPT
 * leaves. The same HELLO gets the same ACCEPT. Whatever else comes is turned away without a word, or with EPOCH-IS.
 * @source X.1332 10.1 (keys agreed; mutual authentication)
 */
export async function onHello(context: KeysContext, arrival: Arrival, hello: SignedHello): Promise<void> {
  const { meterId, epoch, suite } = hello.message;
  const sender = await identify(context, arrival, hello);
  if (!sender.verified) return refuse(context, arrival, meterId, sender.reason);
  if (sender.speaksAs === 'current') await retirePrevious(context, sender.meter);
  const verdict = judgeHello(sender.meter, { epoch, suite, helloHash: helloHashOf(hello) });
  switch (verdict.verdict) {
    case 'repeat':
      context.counters.add('HandshakeRepeated');
      return sendAccept(context, arrival, hello, Buffer.from(verdict.accept));
    case 'refused':
      return refuse(
        context,
        arrival,
        meterId,
        verdict.reason,
        verdict.answerable ? await epochIs(context, sender.meter, hello) : undefined,
      );
    case 'fresh':
      return propose(context, arrival, hello, sender.meter);
    default:
      return verdict satisfies never;
  }
}

async function propose(context: KeysContext, arrival: Arrival, hello: SignedHello, from: ActiveMeter): Promise<void> {
  const { meterId } = hello.message;
  const now = context.platform.clock.now();
  const keyring = await context.keyring();
  const agreement = agreementKey(keyring, hello.message.agreementKeyId, now);
  if (typeof agreement === 'string') return refuse(context, arrival, meterId, `agreement-key-${agreement}`, keyring.manifest);
  const terms = { agreement, handshake: signingKey(keyring, now), zone: from.asset.zone };
  const agreed = await agreeEpoch(context, hello, terms);
  if (agreed === undefined) return refuse(context, arrival, meterId, 'epoch-used', await epochIs(context, from, hello));
  await agenda.note(context.platform.directory, [{ who: meterId, at: now + LADDER.overdueAfter }]);
  const accept = await record(context, hello, agreed);
  if (accept === undefined) return;
  context.counters.add('HandshakeAccepted');
  await sendAccept(context, arrival, hello, accept);
}

/** ACCEPT, and before it the key manifest where the meter may not know the key that signed. */
async function sendAccept(context: KeysContext, arrival: Arrival, hello: SignedHello, accept: Buffer): Promise<void> {
  const { meterId, agreementKeyId } = hello.message;
  const keyring = await context.keyring();
  const behind = needsManifest(keyring, agreementKeyId, parseAccept(accept).message.dayKey.message.handshakeKeyId);
  await publish(context.platform, arrival.dcId, meterId, ...(behind ? [keyring.manifest] : []), accept);
}

/** @returns the recorded ACCEPT; undefined when the stream decided otherwise meanwhile, and then the secret is gone */
async function record(context: KeysContext, hello: SignedHello, agreed: { accept: Buffer; keyRow: string }): Promise<Buffer | undefined> {
  const { meterId, epoch, suite } = hello.message;
  const at = context.platform.clock.now();
  const helloHash = helloHashOf(hello);
  const signedHash = createHash('sha256').update(hello.bytes).digest();
  const proposal = { type: 'ProposeEpoch' as const, epoch, suite, helloHash, signedHash, ...agreed, at };
  const unconfirmed = context.defences.keyConfirmation ? [] : [{ type: 'ActivateEpoch' as const, epoch, at }];
  const commands = [proposal, ...unconfirmed];
  const { state } = await runDecider(context.platform.events, `meter/${meterId}`, meter, commands, context.meters);
  const live = state.status === 'unknown' ? undefined : liveEpoch(state.ladder, epoch);
  if (live !== undefined && helloHash.equals(live.helloHash)) return Buffer.from(live.accept);
  if (live === undefined) await context.vault.destroy(meterId, epoch);
  return undefined;
}

/** The signed answer to a verified HELLO with an epoch nobody can use, when it may go out. */
async function epochIs(context: KeysContext, from: ActiveMeter, hello: SignedHello): Promise<Buffer | undefined> {
  const now = context.platform.clock.now();
  if (!mayAnswer(from.refusals, now)) return undefined;
  const { dayKey, sign } = await context.dayKeys.signer(signingKey(await context.keyring(), now), now);
  const { meterId, nonce } = hello.message;
  return (await encodeEpochIs({ meterId, nonce, epoch: from.ladder.highest, dayKey }, sign)).bytes;
}

/** The meter uses its renewed certificate: the one before is not needed any more. */
async function retirePrevious({ platform }: KeysContext, from: ActiveMeter): Promise<void> {
  const { previous } = from.identity;
  if (previous === undefined || isRetired(from)) return;
  const fingerprint = fingerprintOf(previous.certificate);
  if ((await platform.devices.certificateStatus(fingerprint)) === 'active') await platform.devices.revoke(fingerprint);
}

/** An epoch was agreed after the days in which both certificates count: that HELLO was signed by the new one, and retired the other. */
function isRetired({ identity: { previous }, ladder }: ActiveMeter): boolean {
  const alone = (previous?.replacedAt ?? 0) + LADDER.previousCertificate + MILLISECONDS.day;
  return ladder.live.some(({ proposedAt }) => proposedAt > alone);
}
