import { createHash, createSecretKey } from 'node:crypto';
import { Encoder } from 'cbor-x/index-no-eval';
import { decodeEvents, encodeEvents } from '../../events/codec.ts';
import type { DomainEvent } from '../../events/index.ts';
import { parseBlob, sealBlob } from '../../platform/embedded/kms/blob.ts';
import { encodeEnvelope, parseEnvelope } from '../../platform/store/envelope.ts';
import { PACKING } from '../../platform/store/packing.ts';
import { parseTrim } from '../../platform/store/trim-record.ts';
import { type FuzzTarget, same } from '../target.ts';

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

export const STORED_TARGETS: readonly FuzzTarget[] = [
  {
    ...cbor,
    ...{ name: 'envelope', what: 'envelope of a stored commit', covers: ['platform/store/envelope.ts'], share: 8 },
    codes: ['ERR_COMMIT_DAMAGED'],
    seeds: () => [
      encodeEnvelope(ENVELOPE),
      encodeEnvelope({ ...ENVELOPE, packing: PACKING.zstd }),
      encodeEnvelope({ ...ENVELOPE, ownKey: true }),
    ],
    run: (input) => {
      const envelope = parseEnvelope(input);
      same('envelope', encodeEnvelope(parseEnvelope(encodeEnvelope(envelope))), encodeEnvelope(envelope));
    },
  },
  {
    ...cbor,
    ...{ name: 'events', what: 'events of a stored commit', covers: ['events/'], share: 8 },
    codes: ['ERR_EVENTS_UNREADABLE', 'ERR_EVENT_UNKNOWN'],
    seeds: () => [Buffer.from(encodeEvents(EVENTS))],
    run: (input) => {
      decodeEvents(input);
      decodeEvents(input, 'planes');
    },
  },
  {
    ...cbor,
    ...{ name: 'trim', what: 'what was taken out of streams', covers: ['platform/store/trim-record.ts'], share: 6, codes: [] },
    seeds: () => [Buffer.from(encoder.encode(['archive', 1_700_000_000_000, hash, [['segment/00001', 8, hash]]]))],
    run: (input) => void parseTrim(input),
  },
  {
    ...{ name: 'key-blob', what: 'ciphertext of the key service', covers: ['platform/embedded/kms/'], share: 6, mostBytes: 400 },
    ...{ dictionary: [], codes: ['ERR_KMS_INVALID_CIPHERTEXT'] },
    seeds: () => [sealBlob({ keyId: 'subject', generation: 1 }, createSecretKey(Buffer.alloc(32, 1)), Buffer.alloc(32), { stream: 'a' })],
    run: (input) => void parseBlob(input),
  },
];
