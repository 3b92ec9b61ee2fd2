import type { KeyObject } from 'node:crypto';
import { type SignedMessage, type Signer, signerOf } from '../../protocol/cose.ts';
import { certifyDayKey, DAY_KEY_LIFE, type DayKey } from '../../protocol/day-key.ts';
import { ephemeralPair, spkiKeyId } from '../../protocol/handshake.ts';

/** A day key with what signs by it. */
export interface TestDayKey {
  readonly dayKey: SignedMessage<DayKey>;
  readonly sign: Signer;
}

/** A day key that this handshake key certified at `now`, UTC ms, for a day. */
export async function dayKeyBy(
  handshake: { readonly privateKey: KeyObject; readonly spki: Buffer },
  now: number,
  change: Partial<DayKey> = {},
): Promise<TestDayKey> {
  const { privateKey, point } = ephemeralPair();
  const certificate = { point, notBefore: now, notAfter: now + DAY_KEY_LIFE, handshakeKeyId: spkiKeyId(handshake.spki), ...change };
  return { dayKey: await certifyDayKey(certificate, signerOf(handshake.privateKey)), sign: signerOf(privateKey) };
}
