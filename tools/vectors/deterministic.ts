import { createECDH, createHash, createHmac, createPrivateKey, createPublicKey, ECDH, type KeyObject } from 'node:crypto';
import { lowS, type Signer } from '../../protocol/cose.ts';

/*
 * Key material and signatures that come out the same on every run. For vectors only: a key made from a name protects nothing.
 */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Bytes that follow from a name. @param length 1 to 32 */
export function seed(name: string, length = 32): Buffer {
  return createHash('sha256').update(`joulekeep vector ${name}`).digest().subarray(0, length);
}

export interface FixedPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Private scalar, 32 bytes. */
  readonly scalar: Buffer;
  /** Compressed public point, 33 bytes. */
  readonly point: Buffer;
  readonly sign: Signer;
}

export function fixedPair(name: string): FixedPair {
  return pairOf(seed(name));
}

export function pairOf(scalar: Buffer): FixedPair {
  const full = publicPoint(scalar, 'uncompressed');
  const jwk = { kty: 'EC', crv: 'P-256', d: url(scalar), x: url(full.subarray(1, 33)), y: url(full.subarray(33)) };
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  return {
    privateKey,
    publicKey: createPublicKey(privateKey),
    scalar,
    point: publicPoint(scalar, 'compressed'),
    sign: (toBeSigned) => lowS(signDeterministic(scalar, toBeSigned)),
  };
}

const url = (bytes: Buffer): string => bytes.toString('base64url');

function publicPoint(scalar: Buffer, form: 'compressed' | 'uncompressed'): Buffer {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  return ECDH.convertKey(ecdh.getPublicKey(), 'prime256v1', undefined, undefined, form) as Buffer;
}

/** ECDSA P-256 with SHA-256, r || s as it falls, high or low. @source RFC 6979 3.2 */
export function signDeterministic(scalar: Buffer, message: Buffer): Buffer {
  const digest = createHash('sha256').update(message).digest();
  const z = toInt(digest) % N;
  for (const k of nonces(scalar, z)) {
    const r = toInt(publicPoint(toBytes(k), 'uncompressed').subarray(1, 33)) % N;
    const s = (inverse(k) * ((z + r * toInt(scalar)) % N)) % N;
    if (r !== 0n && s !== 0n) return Buffer.concat([toBytes(r), toBytes(s)]);
  }
  throw new Error('no nonce');
}

function* nonces(scalar: Buffer, z: bigint): Generator<bigint> {
  const hmac = (key: Buffer, ...parts: Buffer[]) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  const bound = Buffer.concat([scalar, toBytes(z)]);
  let v: Buffer = Buffer.alloc(32, 1);
  let key: Buffer = Buffer.alloc(32, 0);
  for (const step of [0, 1]) {
    key = hmac(key, v, Buffer.of(step), bound);
    v = hmac(key, v);
  }
  for (;;) {
    v = hmac(key, v);
    const k = toInt(v);
    if (k > 0n && k < N) yield k;
    key = hmac(key, v, Buffer.of(0));
    v = hmac(key, v);
  }
}

function inverse(value: bigint): bigint {
  let [low, high, x, y] = [value % N, N, 1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high - quotient * low, low];
    [x, y] = [y - quotient * x, x];
  }
  return ((x % N) + N) % N;
}

const toInt = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
/** The other signature over the same bytes that verifies. */
export const twin = (signature: Buffer): Buffer => Buffer.concat([signature.subarray(0, 32), toBytes(N - toInt(signature.subarray(32)))]);
