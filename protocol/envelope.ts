import { type CborReader, cborArray, cborBytes, cborUint } from './cbor.ts';
import { looksSigned } from './cose.ts';

/** First item of every signed payload. A day key is never sent alone, but inside ACCEPT and EPOCH-IS. */
export const MESSAGE_TYPE = Object.freeze({ hello: 1, accept: 2, epochIs: 3, renewal: 4, keys: 5, dayKey: 6 });
/** Second item. */
const MESSAGE_VERSION = 1;

const NAME_OF_TYPE = new Map<number, keyof typeof MESSAGE_TYPE>(
  Object.entries(MESSAGE_TYPE).map(([name, type]) => [type, name as keyof typeof MESSAGE_TYPE]),
);

/** The payload: an array of type, version and these items. */
export function envelope(type: number, fields: readonly Buffer[]): Buffer {
  return cborArray([cborUint(type), cborUint(MESSAGE_VERSION), ...fields]);
}

/** Reads up to the items after type and version. @param fields how many there are */
export function openEnvelope(reader: CborReader, type: number, fields: number): void {
  reader.array(2 + fields);
  reader.uint(type, type);
  reader.uint(MESSAGE_VERSION, MESSAGE_VERSION);
}

/** A meterId or key id: 16 hex digits as 8 bytes. */
export const cborId = (id: string): Buffer => cborBytes(Buffer.from(id, 'hex'));

export const readId = (reader: CborReader): string => reader.bytes(8).toString('hex');

/** Which signed message this claims to be; nothing is verified. */
export function signedMessageType(bytes: Buffer): keyof typeof MESSAGE_TYPE | undefined {
  if (!looksSigned(bytes)) return undefined;
  const width = PAYLOAD_HEAD_BYTES[bytes[6] ?? 0] ?? 1;
  return NAME_OF_TYPE.get(bytes[6 + width + 1] ?? 0);
}

/** `58 nn` or `59 nn nn` before the payload; then its array head, then the type. */
const PAYLOAD_HEAD_BYTES: Readonly<Record<number, number>> = { 88: 2, 89: 3 };
