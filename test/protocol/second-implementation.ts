import { createHash, webcrypto } from 'node:crypto';
import { dcborDecodeOptions, dcborEncodeOptions, decode, encode } from 'cbor2';

/*
 * The protocol once more, from docs/protocol.md, on other libraries: a general CBOR codec in its strict mode and
 * WebCrypto. Slow, and sharing no line with protocol/. It throws where the document says "refused".
 */
const { subtle } = webcrypto;
type Bytes = Uint8Array<ArrayBuffer>;

export const bin = (hex: string): Bytes => Uint8Array.from(Buffer.from(hex, 'hex'));
export const hexOf = (bytes: Uint8Array | ArrayBuffer): string => Buffer.from(bytes as Uint8Array).toString('hex');
const ascii = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'latin1'));
const cbor = (value: unknown): Bytes => Uint8Array.from(encode(value, dcborEncodeOptions));
const uncbor = (bytes: Uint8Array): unknown => decode(bytes, dcborDecodeOptions);
const concat = (...parts: Uint8Array[]): Bytes => Uint8Array.from(Buffer.concat(parts));

function demand(condition: boolean): asserts condition {
  if (!condition) throw new Error('refused');
}

const isBytes = (value: unknown, length?: number): value is Bytes =>
  value instanceof Uint8Array && (length === undefined || value.length === length);

/** Strictly one item, and its bytes are the only way to write it. */
function strict(bytes: Uint8Array): unknown {
  const value = uncbor(bytes);
  demand(hexOf(cbor(value)) === hexOf(bytes));
  return value;
}

async function hmac(key: Uint8Array, data: Uint8Array): Promise<Bytes> {
  const imported = await subtle.importKey('raw', Uint8Array.from(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', imported, Uint8Array.from(data)));
}

export const sha256 = (...parts: Uint8Array[]): Bytes =>
  Uint8Array.from(
    createHash('sha256')
      .update(concat(...parts))
      .digest(),
  );

/** One block of HKDF-Expand is enough for every key of the ladder. */
async function expand(parent: Uint8Array, label: string, length = 32): Promise<Bytes> {
  return (await hmac(parent, concat(ascii(label), Uint8Array.of(1)))).slice(0, length);
}

export async function ladder(helloTbs: Uint8Array, acceptTbs: Uint8Array, z1: Uint8Array, z2: Uint8Array) {
  const length = (bytes: Uint8Array) => Uint8Array.of(0, 0, bytes.length >> 8, bytes.length & 0xff);
  const salt = sha256(length(helloTbs), helloTbs, length(acceptTbs), acceptTbs);
  const prk = await hmac(salt, concat(z1, z2));
  const epochSecret = await expand(prk, 'JK1 epoch secret');
  return { salt, prk, epochSecret, ...(await epochOf(epochSecret)) };
}

async function epochOf(epochSecret: Uint8Array) {
  return {
    chain0: await expand(epochSecret, 'JK1 chain up'),
    macDown: await expand(epochSecret, 'JK1 mac down'),
    confirmation: await expand(epochSecret, 'JK1 confirmation'),
  };
}

export async function dayKeys(chain: Uint8Array) {
  return { key: await expand(chain, 'JK1 key up'), iv: await expand(chain, 'JK1 iv up', 12), next: await expand(chain, 'JK1 chain next') };
}

/** Opens a frame with a general decoder. */
export async function openFrame(frame: Uint8Array, key: Uint8Array, iv: Uint8Array): Promise<Bytes> {
  demand([81, 113, 370].includes(frame.length));
  const message = strict(frame);
  demand(Array.isArray(message) && message.length === 3);
  const [protectedHeader, unprotected, sealed] = message as unknown[];
  demand(isBytes(protectedHeader, 27) && isBytes(sealed, frame.length === 370 ? 336 : frame.length - 33));
  demand(hexOf(cbor(unprotected)) === 'a0');
  const header = strict(protectedHeader);
  demand(header instanceof Map && hexOf(Uint8Array.from(header.keys() as Iterable<number>)) === '010406' && header.get(1) === 3);
  const [kid, partialIv] = [header.get(4), header.get(6)] as unknown[];
  demand(isBytes(kid, 11) && isBytes(partialIv, 9));
  demand((kid[8]! | kid[9]!) !== 0 && kid[10]! <= 13 && partialIv.slice(4).some((byte) => byte !== 0));
  const nonce = iv.map((byte, i) => byte ^ (i < 3 ? 0 : partialIv[i - 3]!));
  const additionalData = cbor(['Encrypt0', protectedHeader, ascii('JK1 up')]);
  const imported = await subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, ['decrypt']);
  const algorithm = { name: 'AES-GCM', iv: Uint8Array.from(nonce), additionalData, tagLength: 128 };
  return new Uint8Array(await subtle.decrypt(algorithm, imported, Uint8Array.from(sealed)));
}

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

async function verify(context: string, payload: Uint8Array, signature: Uint8Array, point: string): Promise<void> {
  demand(signature.length === 64 && BigInt(`0x${hexOf(signature.slice(32))}`) <= N >> 1n);
  const key = await subtle.importKey('spki', bin(spkiOf(point)), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  const tbs = cbor(['Signature1', bin('a10126'), ascii(context), Uint8Array.from(payload)]);
  demand(await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, Uint8Array.from(signature), tbs));
}

/** SPKI whose point stays compressed: another encoding than ours, of the same key. */
const spkiOf = (point: string): string => `3039301306072a8648ce3d020106082a8648ce3d030107032200${point}`;

/** @returns the fields after type and version */
export async function openSigned(bytes: Uint8Array, context: string, type: number, point: string): Promise<unknown[]> {
  demand(bytes.length <= 4096);
  const message = strict(bytes);
  demand(Array.isArray(message) && message.length === 4);
  const [header, unprotected, payload, signature] = message as unknown[];
  demand(isBytes(header) && hexOf(header) === 'a10126' && hexOf(cbor(unprotected)) === 'a0' && isBytes(payload) && isBytes(signature, 64));
  const fields = strict(payload);
  demand(Array.isArray(fields) && fields[0] === type && fields[1] === 1);
  await verify(context, payload, signature, point);
  return (fields as unknown[]).slice(2);
}

export async function openHello(bytes: Uint8Array, point: string): Promise<unknown[]> {
  const fields = await openSigned(bytes, 'JK1 hello', 1, point);
  demand(fields.length === 6);
  const [meterId, epoch, suite, ephemeral, nonce, keyId] = fields;
  demand(isBytes(meterId, 8) && Number(epoch) >= 1 && Number(epoch) <= 65535 && suite === 1);
  demand(isBytes(ephemeral, 33) && isBytes(nonce, 16) && isBytes(keyId, 8));
  await subtle.importKey('spki', bin(spkiOf(hexOf(ephemeral))), { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  return fields;
}

/** @param point of the handshake key @returns its point, hex, and its life */
async function openCertificate(bytes: unknown, point: string): Promise<{ point: string; notBefore: number; notAfter: number }> {
  demand(isBytes(bytes));
  const fields = await openSigned(bytes, 'JK1 day key', 6, point);
  const [own, notBefore, notAfter, keyId] = fields as [Bytes, number, number, Bytes];
  demand(fields.length === 4 && isBytes(own, 33) && isBytes(keyId, 8));
  await subtle.importKey('spki', bin(spkiOf(hexOf(own))), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  demand(notAfter > notBefore && notAfter - notBefore <= 86_400_000);
  return { point: hexOf(own), notBefore, notAfter };
}

/** ACCEPT or EPOCH-IS, whose last field certifies who signed it. @param point of the handshake key */
async function openAnswer(bytes: Uint8Array, context: string, type: number, point: string) {
  const message = strict(bytes) as Bytes[];
  demand(isBytes(message[2]));
  const certificate = await openCertificate((strict(message[2]) as unknown[]).at(-1), point);
  return { fields: await openSigned(bytes, context, type, certificate.point), certificate };
}

export async function openAccept(bytes: Uint8Array, point: string): Promise<unknown[]> {
  const { fields, certificate } = await openAnswer(bytes, 'JK1 accept', 2, point);
  const utc = fields[8] as number;
  demand(fields.length === 11 && utc >= certificate.notBefore && utc < certificate.notAfter);
  return fields;
}

export async function openEpochIs(bytes: Uint8Array, point: string): Promise<unknown[]> {
  const { fields } = await openAnswer(bytes, 'JK1 epoch-is', 3, point);
  demand(fields.length === 4 && isBytes(fields[0], 8) && isBytes(fields[1], 16));
  return fields;
}

export async function openManifest(bytes: Uint8Array, point: string, lastVersion: number): Promise<unknown[]> {
  const fields = await openSigned(bytes, 'JK1 keys', 5, point);
  const [version, , keys] = fields as [number, number, unknown[][]];
  demand(fields.length === 3 && version > lastVersion && keys.length >= 1 && keys.length <= 16);
  for (const [keyId, , spki] of keys as [Bytes, number, Bytes][]) demand(hexOf(keyId) === hexOf(sha256(spki)).slice(0, 16));
  return fields;
}

export async function openDownlink(bytes: Uint8Array, macKey: Uint8Array, epoch: number): Promise<unknown[]> {
  const message = strict(bytes);
  demand(Array.isArray(message) && message.length === 4);
  const [header, unprotected, payload, tag] = message as unknown[];
  demand(isBytes(header) && hexOf(header) === 'a10105' && hexOf(cbor(unprotected)) === 'a0' && isBytes(payload) && isBytes(tag, 32));
  const fields = strict(payload) as [number, Bytes, number, number, Bytes];
  demand(fields.length === 5 && fields[2] === epoch && fields[3] >= 1);
  demand(hexOf(await hmac(macKey, cbor(['MAC0', header, ascii('JK1 down'), payload]))) === hexOf(tag));
  demand(fields[0] >= 1 && fields[0] <= 6);
  return fields;
}

/** @param bytes payload || signature @returns the payload */
export async function openSeal(bytes: Uint8Array, point: string): Promise<Bytes> {
  const channels = bytes[69] ?? 0;
  demand(channels >= 1 && channels <= 4 && bytes.length === 70 + 46 * channels + 64);
  const payload = Uint8Array.from(bytes.slice(0, -64));
  const view = new DataView(payload.buffer);
  demand(view.getUint32(16) > view.getUint32(12) && payload[20]! <= 3);
  await verify('JK1 seal', payload, bytes.slice(-64), point);
  return payload;
}

/** P-256 agreement: x coordinate. */
export async function agree(scalar: string, ownPoint: string, peerPoint: string): Promise<Bytes> {
  const pkcs8 = `304d020100301306072a8648ce3d020106082a8648ce3d0301070433303102010104 20${scalar}a00a06082a8648ce3d030107`.replace(' ', '');
  demand(ownPoint.length === 66);
  const own = await subtle.importKey('pkcs8', bin(pkcs8), { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
  const peer = await subtle.importKey('spki', bin(spkiOf(peerPoint)), { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  return new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: peer }, own, 256));
}
