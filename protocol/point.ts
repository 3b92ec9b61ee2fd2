import { createHash, createPublicKey, diffieHellman, ECDH, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { CborReader } from './cbor.ts';
import { ProtocolRefusal } from './refusal.ts';

/** SubjectPublicKeyInfo of an uncompressed P-256 point, up to the point. */
const SPKI_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');
const POINT_BYTES = 33;

/** A fresh P-256 pair. @returns the public point compressed, 33 bytes */
export function ephemeralPair(): { privateKey: KeyObject; point: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return { privateKey, point: spkiToPoint(publicKey.export({ format: 'der', type: 'spki' })) };
}

/** @returns x coordinate of the shared point, 32 bytes @throws ERR_HANDSHAKE_REFUSED when `point` is not a point */
export function ecdh(privateKey: KeyObject, point: Buffer): Buffer {
  const publicKey = createPublicKey({ key: pointToSpki(point), format: 'der', type: 'spki' });
  return diffieHellman({ privateKey, publicKey });
}

/**
 * SPKI DER with the point uncompressed, as KMS takes it.
 * @param point compressed P-256 point, 33 bytes
 * @throws ERR_HANDSHAKE_REFUSED, reason `point`: off the curve, at infinity, uncompressed, of another length
 */
export function pointToSpki(point: Buffer): Buffer {
  if (point.length !== POINT_BYTES || (point[0] !== 2 && point[0] !== 3)) throw badPoint();
  try {
    return Buffer.concat([SPKI_PREFIX, ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'uncompressed') as Buffer]);
  } catch {
    throw badPoint();
  }
}

/** @param spki DER of a P-256 key with uncompressed point, 91 bytes @returns compressed point, 33 bytes */
export function spkiToPoint(spki: Buffer): Buffer {
  if (spki.length !== SPKI_PREFIX.length + 65 || !spki.subarray(0, SPKI_PREFIX.length).equals(SPKI_PREFIX)) throw badPoint();
  try {
    return ECDH.convertKey(spki.subarray(SPKI_PREFIX.length), 'prime256v1', undefined, undefined, 'compressed') as Buffer;
  } catch {
    throw badPoint();
  }
}

/** First 8 bytes of SHA-256 of the SPKI, 16 hex digits: the name of an agreement or handshake key. */
export function spkiKeyId(spki: Buffer): string {
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}

/** A compressed point that is on the curve. @throws as `pointToSpki` */
export function readPoint(reader: CborReader): Buffer {
  const point = reader.bytes(POINT_BYTES);
  pointToSpki(point);
  return point;
}

function badPoint(): ProtocolRefusal {
  return new ProtocolRefusal('ERR_HANDSHAKE_REFUSED', 'point');
}
