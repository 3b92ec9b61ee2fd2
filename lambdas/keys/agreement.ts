import { ecdh, encodeAccept, ephemeralPair, type Hello, helloHashOf, pointToSpki, type SignedMessage } from '../../protocol/handshake.ts';
import { agreeEpochSecret, EPOCH } from '../../protocol/keys.ts';
import type { KeyringKey } from '../shared/keys/manifest.ts';
import type { KeysContext } from './context.ts';
import { nextMidnights } from './midnights.ts';

const DAY = 86_400_000;
const HASH_BYTES = 32;

/** An epoch that is agreed and whose secret is durable. */
export interface AgreedEpoch {
  readonly accept: Buffer;
  readonly keyRow: string;
}

type AgreementParts = Pick<KeysContext, 'platform' | 'vault' | 'dayKeys'>;

export interface AgreementTerms {
  readonly agreement: KeyringKey;
  readonly handshake: KeyringKey;
  /** Of the usage point, IANA. */
  readonly zone: string;
}

/**
 * Agrees the epoch secret a HELLO asks for and makes it durable, before anybody may hear of it. ACCEPT is kept beside
 * the secret: after a crash, and between two workers, there is one secret and one ACCEPT of a HELLO, and KMS is not
 * called again. The own ephemeral key ends with this call; it is agreed upon in the one call of the key service that a
 * handshake makes.
 * @returns undefined when the epoch's place is taken by another HELLO
 */
export async function agreeEpoch(
  context: AgreementParts,
  hello: SignedMessage<Hello>,
  terms: AgreementTerms,
): Promise<AgreedEpoch | undefined> {
  const { meterId, epoch } = hello.message;
  const found = await context.vault.find(meterId, epoch);
  const kept = found ?? (await makeEpoch(context, hello, terms));
  if (!kept.note.subarray(0, HASH_BYTES).equals(helloHashOf(hello))) return undefined;
  return { accept: kept.note.subarray(HASH_BYTES), keyRow: kept.row };
}

async function makeEpoch({ platform, vault, dayKeys }: AgreementParts, hello: SignedMessage<Hello>, terms: AgreementTerms) {
  const { meterId, epoch, suite, ephemeral } = hello.message;
  const own = ephemeralPair();
  const now = platform.clock.now();
  const { dayKey, sign } = await dayKeys.signer(terms.handshake, now);
  const accept = await encodeAccept(
    {
      meterId,
      epoch,
      suite,
      ephemeral: own.point,
      helloHash: helloHashOf(hello),
      notBefore: now,
      notAfter: now + EPOCH.sealDays * DAY,
      messageLimit: EPOCH.messageLimit,
      utc: now,
      midnights: nextMidnights(terms.zone, now),
      dayKey,
    },
    sign,
  );
  const z1 = await platform.kms.deriveSharedSecret(terms.agreement.kmsKeyId, pointToSpki(ephemeral));
  const z2 = ecdh(own.privateKey, ephemeral);
  const secret = agreeEpochSecret(hello.tbs, accept.tbs, z1, z2);
  return vault.keep(meterId, epoch, secret, Buffer.concat([accept.message.helloHash, accept.bytes]));
}
