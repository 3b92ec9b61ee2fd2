import { createHash, createSecretKey } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { decodeEvents, encodeEvents } from '../../events/codec.ts';
import type { DomainEvent } from '../../events/index.ts';
import { parseBlob, sealBlob } from '../../platform/embedded/kms/blob.ts';
import { encodeEnvelope, parseEnvelope } from '../../platform/store/envelope.ts';
import { PACKING } from '../../platform/store/packing.ts';
import { parseTrim } from '../../platform/store/trim-record.ts';
import { Broken, type FuzzTarget } from '../target.ts';

const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
const hash = createHash('sha256').update('a hash').digest();
const ENVELOPE = {
  ...{ stream: 'segment/00001', version: 7, count: 2, commitId: hash, recordedAt: 1_700_000_000_000, keyId: 'segment/00001/7' },
  ...{ nonce: Buffer.alloc(12, 1), prev: hash, packing: PACKING.plain, ownKey: false },
} as const;
const EVENTS: readonly DomainEvent[] = [
  { type: 'ConsentRevoked', data: { by: 'customer', at: 1_700_000_000_000 } },
  { type: 'ConsentExpired', data: { at: 1_700_000_000_000 } },
];
const cbor = {
  mostBytes: 600,
  dictionary: [Buffer.of(0x98), Buffer.of(0xbf), Buffer.of(0xff), Buffer.of(0xd9, 0xdf, 0xff), Buffer.of(0xfb), '__proto__'],
};

const decoder = new Decoder({ useRecords: false, copyBuffers: true });

/** Fields as values: the same bytes in another spelling of CBOR are the same field, a field more is not. */
function fieldsOf(bytes: Buffer): readonly unknown[] {
  const fields = decoder.decode(bytes) as readonly unknown[];
  return fields.map((field) =>
    field instanceof Uint8Array ? Buffer.from(field).toString('hex') : typeof field === 'number' ? field + 0 : field,
  );
}

function readEnvelope(input: Buffer): boolean {
  const read = fieldsOf(encodeEnvelope(parseEnvelope(input)));
  if (!isDeepStrictEqual(read, fieldsOf(input))) throw new Broken('an envelope says more, or other, than was read');
  if (isRead([...(decoder.decode(input) as readonly unknown[]), 0])) throw new Broken('an envelope with a field more is read');
  return true;
}

function isRead(fields: readonly unknown[]): boolean {
  try {
    parseEnvelope(encoder.encode(fields));
    return true;
  } catch {
    return false;
  }
}

export const STORED_TARGETS: readonly FuzzTarget[] = [
  {
    ...cbor,
    ...{ name: 'envelope', what: 'envelope of a stored commit', covers: ['platform/store/envelope.ts'], share: 8 },
    codes: ['ERR_COMMIT_DAMAGED'],
    seeds: () => [
      encodeEnvelope(ENVELOPE),
      encodeEnvelope({ ...ENVELOPE, packing: PACKING.zstd }),
      encodeEnvelope({ ...ENVELOPE, ownKey: true }),
      encodeEnvelope({ ...ENVELOPE, ownKey: true, keyHash: hash }),
    ],
    run: readEnvelope,
  },
  {
    ...cbor,
    ...{ name: 'events', what: 'events of a stored commit', covers: ['events/'], share: 8 },
    codes: ['ERR_EVENTS_UNREADABLE', 'ERR_EVENT_UNKNOWN'],
    seeds: () => [Buffer.from(encodeEvents(EVENTS))],
    run: (input) => {
      decodeEvents(input);
      decodeEvents(input, 'planes');
      return true;
    },
  },
  {
    ...cbor,
    ...{ name: 'trim', what: 'what was taken out of streams', covers: ['platform/store/trim-record.ts'], share: 6, codes: [] },
    seeds: () => [Buffer.from(encoder.encode(['archive', 1_700_000_000_000, hash, [['segment/00001', 8, hash]]]))],
    run: (input) => parseTrim(input) !== undefined,
  },
  {
    ...{ name: 'key-blob', what: 'ciphertext of the key service', covers: ['platform/embedded/kms/'], share: 6, mostBytes: 400 },
    ...{ dictionary: [], codes: ['ERR_KMS_INVALID_CIPHERTEXT'] },
    seeds: () => [sealBlob({ keyId: 'subject', generation: 1 }, createSecretKey(Buffer.alloc(32, 1)), Buffer.alloc(32), { stream: 'a' })],
    run: (input) => parseBlob(input) !== undefined,
  },
];
