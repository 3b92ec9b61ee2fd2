import { createHash } from 'node:crypto';
import { type CborReader, cborArray, cborBytes, cborUint } from './cbor.ts';
import { CONTEXT, parseSigned, type SignedMessage, type Signer, signMessage } from './cose.ts';
import { type DaySigned, parseDayKey } from './day-key.ts';
import { cborId, envelope, MESSAGE_TYPE, openEnvelope, readId, signedMessageType } from './envelope.ts';
import { readPoint } from './point.ts';

export { type SignedMessage, verifySigned } from './cose.ts';
export { ecdh, ephemeralPair, pointToSpki, spkiKeyId, spkiToPoint } from './point.ts';

const CODE = 'ERR_HANDSHAKE_REFUSED';

/**
 * Known suites. 1 = P-256 twice, HKDF-SHA-256, AES-256-GCM. The number leaves room for a hybrid; a floor per meter
 * (the caller's) forbids going back.
 */
export const SUITE = Object.freeze({ p256: 1 });
const HIGHEST_SUITE = 1;
export const MIDNIGHTS = 14;
const U16 = 0xffff;
const U32 = 0xffff_ffff;
const CSR_LIMIT = 3072;
/** Of a day key's certificate; it has 138 bytes. */
const CERTIFICATE_LIMIT = 160;

export interface Hello {
  readonly meterId: string;
  /** 1 to 65535; each HELLO burns one. */
  readonly epoch: number;
  readonly suite: number;
  /** Compressed P-256 point, 33 bytes. */
  readonly ephemeral: Buffer;
  /** 16 bytes; EPOCH-IS answers to it. */
  readonly nonce: Buffer;
  /** Which MDMS agreement key is meant: 16 hex digits, see `spkiKeyId`. */
  readonly agreementKeyId: string;
}

export interface Accept extends DaySigned {
  readonly meterId: string;
  readonly epoch: number;
  readonly suite: number;
  /** Compressed P-256 point, 33 bytes. */
  readonly ephemeral: Buffer;
  /** SHA-256 of HELLO's to-be-signed bytes. */
  readonly helloHash: Buffer;
  /** UTC ms. */
  readonly notBefore: number;
  /** UTC ms. */
  readonly notAfter: number;
  /** Frames that may be sealed under the epoch. */
  readonly messageLimit: number;
  /** UTC ms at the MDMS, when it signed: within the life of the day key. */
  readonly utc: number;
  /** UTC seconds of the next 14 local midnights, rising. */
  readonly midnights: readonly number[];
}

/** Answer to a verified HELLO whose epoch can't be used. */
export interface EpochIs extends DaySigned {
  readonly meterId: string;
  /** Of the HELLO, 16 bytes. */
  readonly nonce: Buffer;
  /** Highest epoch the MDMS knows; 0 when none. */
  readonly epoch: number;
}

/** A meter asks for a certificate of a new identity key; signed by the old one. */
export interface Renewal {
  readonly meterId: string;
  /** PKCS#10 DER. */
  readonly csr: Buffer;
}

function readSuite(reader: CborReader): number {
  const suite = reader.uint(1, U16);
  return suite <= HIGHEST_SUITE ? suite : reader.refuse('suite');
}

/** Meter to MDMS. @source X.1332 10.1 */
export function encodeHello(hello: Hello, sign: Signer): Promise<SignedMessage<Hello>> {
  const fields = [
    cborId(hello.meterId),
    cborUint(hello.epoch),
    cborUint(hello.suite),
    cborBytes(hello.ephemeral),
    cborBytes(hello.nonce),
    cborId(hello.agreementKeyId),
  ];
  return signMessage(CONTEXT.hello, hello, envelope(MESSAGE_TYPE.hello, fields), sign);
}

/**
 * Layout, size, suite, the point and the form of the signature; whether the signature verifies is `verifySigned`.
 * @throws ERR_HANDSHAKE_REFUSED
 */
export function parseHello(bytes: Buffer): SignedMessage<Hello> {
  return parseSigned(bytes, CONTEXT.hello, CODE, (reader) => {
    openEnvelope(reader, MESSAGE_TYPE.hello, 6);
    return {
      meterId: readId(reader),
      epoch: reader.uint(1, U16),
      suite: readSuite(reader),
      ephemeral: readPoint(reader),
      nonce: reader.bytes(16),
      agreementKeyId: readId(reader),
    };
  });
}

/** SHA-256 of HELLO's to-be-signed bytes, as ACCEPT carries it. */
export function helloHashOf(hello: SignedMessage<Hello>): Buffer {
  return createHash('sha256').update(hello.tbs).digest();
}

/** MDMS to meter. @source X.1332 10.1 */
export function encodeAccept(accept: Accept, sign: Signer): Promise<SignedMessage<Accept>> {
  const fields = [
    cborId(accept.meterId),
    cborUint(accept.epoch),
    cborUint(accept.suite),
    cborBytes(accept.ephemeral),
    cborBytes(accept.helloHash),
    cborUint(accept.notBefore),
    cborUint(accept.notAfter),
    cborUint(accept.messageLimit),
    cborUint(accept.utc),
    cborArray(accept.midnights.map(cborUint)),
    cborBytes(accept.dayKey.bytes),
  ];
  return signMessage(CONTEXT.accept, accept, envelope(MESSAGE_TYPE.accept, fields), sign);
}

/** As `parseHello`; that it answers this HELLO (meter, epoch, suite, helloHash) is the caller's. @throws ERR_HANDSHAKE_REFUSED */
export function parseAccept(bytes: Buffer): SignedMessage<Accept> {
  return parseSigned(bytes, CONTEXT.accept, CODE, (reader) => {
    openEnvelope(reader, MESSAGE_TYPE.accept, 11);
    const meterId = readId(reader);
    const epoch = reader.uint(1, U16);
    const suite = readSuite(reader);
    const ephemeral = readPoint(reader);
    const helloHash = reader.bytes(32);
    const notBefore = reader.uint();
    const notAfter = reader.uint(notBefore + 1);
    const messageLimit = reader.uint(1, U32);
    const utc = reader.uint();
    const midnights = readMidnights(reader);
    const dayKey = readDayKey(reader);
    if (utc < dayKey.message.notBefore || utc >= dayKey.message.notAfter) reader.refuse('time');
    return { meterId, epoch, suite, ephemeral, helloHash, notBefore, notAfter, messageLimit, utc, midnights, dayKey };
  });
}

function readDayKey(reader: CborReader): DaySigned['dayKey'] {
  return parseDayKey(reader.bytes(1, CERTIFICATE_LIMIT));
}

/** 14 UTC seconds, strictly rising. */
export function readMidnights(reader: CborReader): number[] {
  reader.array(MIDNIGHTS);
  const midnights: number[] = [];
  for (let i = 0; i < MIDNIGHTS; i++) midnights.push(reader.uint((midnights[i - 1] ?? -1) + 1, U32));
  return midnights;
}

export function encodeEpochIs(epochIs: EpochIs, sign: Signer): Promise<SignedMessage<EpochIs>> {
  const fields = [cborId(epochIs.meterId), cborBytes(epochIs.nonce), cborUint(epochIs.epoch), cborBytes(epochIs.dayKey.bytes)];
  return signMessage(CONTEXT.epochIs, epochIs, envelope(MESSAGE_TYPE.epochIs, fields), sign);
}

/** @throws ERR_HANDSHAKE_REFUSED */
export function parseEpochIs(bytes: Buffer): SignedMessage<EpochIs> {
  return parseSigned(bytes, CONTEXT.epochIs, CODE, (reader) => {
    openEnvelope(reader, MESSAGE_TYPE.epochIs, 4);
    return { meterId: readId(reader), nonce: reader.bytes(16), epoch: reader.uint(0, U16), dayKey: readDayKey(reader) };
  });
}

export function encodeRenewal(renewal: Renewal, sign: Signer): Promise<SignedMessage<Renewal>> {
  const fields = [cborId(renewal.meterId), cborBytes(renewal.csr)];
  return signMessage(CONTEXT.renewal, renewal, envelope(MESSAGE_TYPE.renewal, fields), sign);
}

/** @throws ERR_HANDSHAKE_REFUSED */
export function parseRenewal(bytes: Buffer): SignedMessage<Renewal> {
  return parseSigned(bytes, CONTEXT.renewal, CODE, (reader) => {
    openEnvelope(reader, MESSAGE_TYPE.renewal, 2);
    return { meterId: readId(reader), csr: reader.bytes(1, CSR_LIMIT) };
  });
}

/** Uplink of the handshake channel: which of the two a meter sent. */
export function classifyHandshake(bytes: Buffer): 'hello' | 'renewal' | undefined {
  const type = signedMessageType(bytes);
  return type === 'hello' || type === 'renewal' ? type : undefined;
}
