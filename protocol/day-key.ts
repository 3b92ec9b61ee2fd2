import { createPublicKey, type KeyObject } from 'node:crypto';
import { cborBytes, cborUint } from './cbor.ts';
import { CONTEXT, parseSigned, type SignedMessage, type Signer, signMessage, verifySigned } from './cose.ts';
import { cborId, envelope, MESSAGE_TYPE, openEnvelope, readId } from './envelope.ts';
import { pointToSpki, readPoint } from './point.ts';

/** A certificate that lives longer is refused, milliseconds. */
export const DAY_KEY_LIFE = 86_400_000;

/** A key that signs ACCEPT and EPOCH-IS for a day, in the name of the handshake key that certified it. */
export interface DayKey {
  /** Compressed P-256 point, 33 bytes. */
  readonly point: Buffer;
  /** UTC ms. */
  readonly notBefore: number;
  /** UTC ms, at most DAY_KEY_LIFE later. */
  readonly notAfter: number;
  /** Of the manifest's key that signed this certificate, 16 hex digits. */
  readonly handshakeKeyId: string;
}

/** What both answers to a HELLO carry: the certificate of the key that signed them. */
export interface DaySigned {
  readonly dayKey: SignedMessage<DayKey>;
}

/** The certificate: COSE_Sign1 by the handshake key. @source X.1332 10.1 */
export function certifyDayKey(dayKey: DayKey, sign: Signer): Promise<SignedMessage<DayKey>> {
  const fields = [cborBytes(dayKey.point), cborUint(dayKey.notBefore), cborUint(dayKey.notAfter), cborId(dayKey.handshakeKeyId)];
  return signMessage(CONTEXT.dayKey, dayKey, envelope(MESSAGE_TYPE.dayKey, fields), sign);
}

/** Layout, the point, the length of its life and the form of the signature. @throws ERR_HANDSHAKE_REFUSED */
export function parseDayKey(bytes: Buffer): SignedMessage<DayKey> {
  return parseSigned(bytes, CONTEXT.dayKey, 'ERR_HANDSHAKE_REFUSED', (reader) => {
    openEnvelope(reader, MESSAGE_TYPE.dayKey, 4);
    const point = readPoint(reader);
    const notBefore = reader.uint();
    const notAfter = reader.uint(notBefore + 1);
    if (notAfter - notBefore > DAY_KEY_LIFE) reader.refuse('time');
    return { point, notBefore, notAfter, handshakeKeyId: readId(reader) };
  });
}

/**
 * Did the handshake key certify the key that signed this? When the certificate lives is the caller's to judge.
 * A message that a handshake key signed itself does not verify.
 */
export function verifyDaySigned(signed: SignedMessage<DaySigned>, handshakeKey: KeyObject): boolean {
  const { dayKey } = signed.message;
  if (!verifySigned(dayKey, handshakeKey)) return false;
  return verifySigned(signed, createPublicKey({ key: pointToSpki(dayKey.message.point), format: 'der', type: 'spki' }));
}
