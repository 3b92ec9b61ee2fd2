import { createHmac, sign as cryptoSign, verify as cryptoVerify, type KeyObject, timingSafeEqual } from 'node:crypto';
import { CborReader, cborArray, cborBytes, cborText } from './cbor.ts';
import type { RefusalCode } from './refusal.ts';

/** Each kind of message is signed in a context of its own (COSE external_aad), so that none can pass for another. */
export const CONTEXT = Object.freeze({
  hello: 'JK1 hello',
  accept: 'JK1 accept',
  epochIs: 'JK1 epoch-is',
  renewal: 'JK1 renew',
  seal: 'JK1 seal',
  keys: 'JK1 keys',
  dayKey: 'JK1 day key',
  down: 'JK1 down',
});

/** ES256 over `toBeSigned`. @returns r || s, 64 bytes; high S is turned low by the caller */
export type Signer = (toBeSigned: Buffer) => Buffer | Promise<Buffer>;

export const SIGNATURE_BYTES = 64;
export const MAC_BYTES = 32;
/** Largest signed or authenticated message, bytes. */
export const MESSAGE_LIMIT = 4096;

/** `{1: -7}`, ES256. */
const ES256_HEADER = Buffer.from('a10126', 'hex');
/** `{1: 5}`, HMAC 256/256. */
const HMAC_HEADER = Buffer.from('a10105', 'hex');
const SIGN1_PREFIX = Buffer.from('8443a10126a0', 'hex');
const MAC0_PREFIX = Buffer.from('8443a10105a0', 'hex');

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = P256_ORDER >> 1n;

function scalar(signature: Buffer, offset: number): bigint {
  return BigInt(`0x${signature.toString('hex', offset, offset + 32)}`);
}

/**
 * The twin with s <= n/2. ECDSA is malleable: (r, n - s) verifies too and has another hash, so one of both is barred.
 * @param signature r || s, 64 bytes
 */
export function lowS(signature: Buffer): Buffer {
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError('signature of 64 bytes expected');
  const s = scalar(signature, 32);
  if (s <= HALF_ORDER) return signature;
  const low = (P256_ORDER - s).toString(16).padStart(64, '0');
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(low, 'hex')]);
}

/** 64 bytes, 0 < r < n and 0 < s <= n/2. */
export function isLowS(signature: Buffer): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const r = scalar(signature, 0);
  const s = scalar(signature, 32);
  return r > 0n && r < P256_ORDER && s > 0n && s <= HALF_ORDER;
}

/** `["Signature1", {1: -7}, context, payload]`. @source RFC 9052 4.4 */
export function signatureTbs(context: string, payload: Buffer): Buffer {
  return cborArray([cborText('Signature1'), cborBytes(ES256_HEADER), cborBytes(Buffer.from(context, 'utf8')), cborBytes(payload)]);
}

/** ES256 in low-S form by a P-256 key and by no other kind. @source RFC 9053 2.1 */
export function verifySignature(toBeSigned: Buffer, signature: Buffer, publicKey: KeyObject): boolean {
  if (!isLowS(signature) || !isP256(publicKey)) return false;
  return cryptoVerify('sha256', toBeSigned, publicKey, derSignature(signature));
}

/** r || s as Node takes it by default: told to read r || s itself, it verifies in 106 us instead of 73. */
function derSignature(signature: Buffer): Buffer {
  const body = Buffer.concat([derInteger(signature.subarray(0, 32)), derInteger(signature.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** @param bytes of a number above 0 */
function derInteger(bytes: Buffer): Buffer {
  let from = 0;
  while (bytes[from] === 0) from++;
  const padding = bytes[from]! >= 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, bytes.length - from + padding.length, ...padding]), bytes.subarray(from)]);
}

/** Keys that were found to be P-256: asking one takes a third of a verification. */
const knownP256 = new WeakSet<KeyObject>();

export function isP256(key: KeyObject): boolean {
  if (knownP256.has(key)) return true;
  const is = key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (is) knownP256.add(key);
  return is;
}

/** A signer over a P-256 private key in memory. */
export function signerOf(privateKey: KeyObject): Signer {
  return (toBeSigned) => lowS(cryptoSign('sha256', toBeSigned, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
}

/** A message with what was signed: `tbs` goes into hashes and key agreement, `bytes` onto the wire. */
export interface SignedMessage<T> {
  readonly message: T;
  readonly tbs: Buffer;
  readonly bytes: Buffer;
  readonly signature: Buffer;
}

/** COSE_Sign1: `[h'a10126', {}, payload, signature]`. */
export async function signMessage<T>(context: string, message: T, payload: Buffer, sign: Signer): Promise<SignedMessage<T>> {
  const tbs = signatureTbs(context, payload);
  const signature = lowS(await sign(tbs));
  return { message, tbs, signature, bytes: Buffer.concat([SIGN1_PREFIX, cborBytes(payload), cborBytes(signature)]) };
}

/** Layout, size and form of the signature; not whether it verifies. `read` gets the payload. */
export function parseSigned<T>(bytes: Buffer, context: string, code: RefusalCode, read: (payload: CborReader) => T): SignedMessage<T> {
  const own = Buffer.from(bytes.subarray(0, MESSAGE_LIMIT + 1));
  const reader = new CborReader(own, code);
  if (own.length > MESSAGE_LIMIT) reader.refuse('size');
  reader.exactly(SIGN1_PREFIX);
  const payload = reader.bytes(1, MESSAGE_LIMIT);
  const signature = reader.bytes(SIGNATURE_BYTES);
  reader.end();
  if (!isLowS(signature)) reader.refuse('signature-form');
  const content = new CborReader(payload, code);
  const message = read(content);
  content.end();
  return { message, tbs: signatureTbs(context, payload), bytes: own, signature };
}

/** Does the signature verify under this key? */
export function verifySigned(signed: SignedMessage<unknown>, publicKey: KeyObject): boolean {
  return verifySignature(signed.tbs, signed.signature, publicKey);
}

/** First 4 bytes of any COSE_Sign1 of ours, and whether `bytes` starts as one. */
export function looksSigned(bytes: Buffer): boolean {
  return bytes.subarray(0, SIGN1_PREFIX.length).equals(SIGN1_PREFIX);
}

export function looksMaced(bytes: Buffer): boolean {
  return bytes.subarray(0, MAC0_PREFIX.length).equals(MAC0_PREFIX);
}

/** HMAC-SHA-256 over `["MAC0", {1: 5}, context, payload]`. @source RFC 9052 6.3 */
export function macTag(context: string, payload: Buffer, key: KeyObject): Buffer {
  const structure = cborArray([cborText('MAC0'), cborBytes(HMAC_HEADER), cborBytes(Buffer.from(context, 'utf8')), cborBytes(payload)]);
  return hmacSha256(key, structure);
}

export function hmacSha256(key: KeyObject, data: Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** Full-length comparison in constant time; a shortened tag is no tag. */
export function macMatches(expected: Buffer, given: Buffer): boolean {
  return expected.length === MAC_BYTES && given.length === MAC_BYTES && timingSafeEqual(expected, given);
}

/** COSE_Mac0: `[h'a10105', {}, payload, tag]`. */
export function macMessage(context: string, payload: Buffer, key: KeyObject): Buffer {
  return Buffer.concat([MAC0_PREFIX, cborBytes(payload), cborBytes(macTag(context, payload, key))]);
}

/** Layout only. */
export function parseMaced(bytes: Buffer, code: RefusalCode): { payload: Buffer; tag: Buffer } {
  const own = Buffer.from(bytes.subarray(0, MESSAGE_LIMIT + 1));
  const reader = new CborReader(own, code);
  if (own.length > MESSAGE_LIMIT) reader.refuse('size');
  reader.exactly(MAC0_PREFIX);
  const payload = reader.bytes(1, MESSAGE_LIMIT);
  const tag = reader.bytes(MAC_BYTES);
  reader.end();
  return { payload, tag };
}
