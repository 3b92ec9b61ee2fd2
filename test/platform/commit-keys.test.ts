import { createCipheriv, createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { decode, encode } from 'cbor-x/index-no-eval';
import { describe, expect, it } from 'vitest';
import { encodeEvents } from '../../events/codec.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import { grantSubjectAccess } from '../../platform/ports/subject-grants.ts';
import {
  chainHash,
  type DataKey,
  emptyHead,
  envelopeOf,
  openBody,
  openWith,
  type SealedCommit,
  sealCommit,
} from '../../platform/store/commit.ts';
import { commitKeyHash, commitKeyOf } from '../../platform/store/commit-key.ts';
import { encodeEnvelope, parseEnvelope } from '../../platform/store/envelope.ts';
import { PACKING } from '../../platform/store/packing.ts';
import { all, idOf } from '../contract/support/events.ts';
import { discard, newState } from '../contract/support/state.ts';

const AT = 1_768_435_200_000;
const BILL = 'bill/acc-a/up-1.2026-03-01';
const ROW: DataKey = { keyId: 'billing/acc-a/1767225600000', key: createSecretKey(Buffer.alloc(32, 7)) };
const EVENTS: readonly DomainEvent[] = [{ type: 'BillHoldEnded', data: { reason: 'input changed', at: AT } }];
/** A field whose value is CBOR's undefined. */
const NOTHING = Symbol('undefined');
const damaged = expect.objectContaining({ code: 'ERR_COMMIT_DAMAGED' });

/** The commit of EVENTS in BILL as it was sealed before commits had keys of their own: by the row's key itself. */
const OLD_LAYOUT = {
  envelope:
    '8901781a62696c6c2f6163632d612f75702d312e323032362d30332d3031000158200101010101010101010101010101010101010101010101010101010101010101' +
    'fb4279bbef3b000000781b62696c6c696e672f6163632d612f313736373232353630303030304cb4c31a76cb0ddd5cf782c1f6582000000000000000000000000000' +
    '00000000000000000000000000000000000000',
  body: '70f9e940b852bcf4bc8b9b62081a676196d8f9e2e3dd3e8079c46749e86ad9deb233763cf5cabd6909514fbff6b7f19c283ffb',
  tag: '8fd585dad8869679ac3829ce78320a77',
};

function oldCommit() {
  const bytes = (name: keyof typeof OLD_LAYOUT) => Buffer.from(OLD_LAYOUT[name], 'hex');
  return { stream: BILL, version: 0, envelope: bytes('envelope'), body: bytes('body'), tag: bytes('tag') };
}

function sealed(stream = BILL, row = ROW, id = 'a', events = EVENTS): SealedCommit {
  return sealCommit(emptyHead(stream), { commitId: idOf(id), events }, row, AT);
}

const ownKeyOf = (commit: SealedCommit, row = ROW): KeyObject => commitKeyOf(row.key, envelopeOf(commit));

describe('the key of a commit', () => {
  it('opens it without the key of its row, and the key of the row alone does not', () => {
    const commit = sealed();
    expect(envelopeOf(commit).ownKey).toBe(true);
    expect(openBody(commit, envelopeOf(commit), ROW.key)).toEqual(EVENTS);
    expect(openWith(commit, envelopeOf(commit), ownKeyOf(commit))).toEqual(EVENTS);
    expect(() => openWith(commit, envelopeOf(commit), ROW.key)).toThrow(damaged);
  });

  it('opens no other commit of the same row: not another version, not another stream, not another attempt', () => {
    const first = sealed();
    const second = sealCommit(first.head, { commitId: idOf('b'), events: EVENTS }, ROW, AT);
    const others = [second, sealed('bill/acc-a/up-2.2026-03-01'), sealed()];
    for (const other of others) {
      expect(ownKeyOf(other).equals(ownKeyOf(first))).toBe(false);
      expect(() => openWith(other, envelopeOf(other), ownKeyOf(first))).toThrow(damaged);
    }
  });

  it('hangs on stream, version and nonce, each by itself', () => {
    const place = envelopeOf(sealed());
    const key = commitKeyOf(ROW.key, place);
    expect(commitKeyOf(ROW.key, { ...place }).equals(key)).toBe(true);
    const changes = [{ version: 1 }, { stream: `${BILL}1` }, { nonce: Buffer.alloc(12) }];
    for (const change of changes) expect(commitKeyOf(ROW.key, { ...place, ...change }).equals(key), JSON.stringify(change)).toBe(false);
  });

  it('is that of HKDF-Expand, by an independent sum', () => {
    const place = { stream: BILL, version: 258, nonce: Buffer.from('000102030405060708090a0b', 'hex') };
    // HMAC-SHA256 of Python's hmac under 32 bytes 0x07: the label, nonce, u64 258, the stream, 0x01.
    expect(commitKeyOf(ROW.key, place).export().toString('hex')).toBe('e73a8ed769b10db70905fb3a5740ecc3cf792cdd4749158e2d0c7ac441214a76');
  });

  it('is named by the envelope, by an independent sum', () => {
    const commit = sealed();
    const named = createHash('sha256').update('JK1 commit key hash').update(ownKeyOf(commit).export()).digest();
    expect(envelopeOf(commit).keyHash).toEqual(named);
    expect(named).toHaveLength(32);
  });

  it('C10.1-7: opens nothing that names another key, though its seal verifies', () => {
    const commit = sealed();
    const envelope = { ...envelopeOf(commit), keyHash: Buffer.alloc(32, 1) };
    const cipher = createCipheriv('aes-256-gcm', ownKeyOf(commit), envelope.nonce).setAAD(encodeEnvelope(envelope));
    const body = Buffer.concat([cipher.update(encodeEvents(EVENTS)), cipher.final()]);
    const other = { ...commit, envelope: encodeEnvelope(envelope), body, tag: cipher.getAuthTag() };
    expect(() => openWith(other, envelopeOf(other), ownKeyOf(commit))).toThrow(damaged);
    expect(() => openBody(other, envelopeOf(other), ROW.key)).toThrow(damaged);
    const { keyHash, ...unnamed } = envelopeOf(other);
    expect([keyHash?.length, openWith(other, unnamed, ownKeyOf(commit))]).toEqual([32, EVENTS]);
  });

  it.each([
    ['no bytes', 'text'],
    ['31 bytes', Buffer.alloc(31)],
    ['nothing', undefined],
    ['one field more', Buffer.alloc(32), 1],
    ['a field more that is nothing', Buffer.alloc(32), NOTHING],
  ])('is not named by %s: that is no envelope', (_what, ...behind) => {
    const fields = decode(sealed().envelope) as unknown[];
    expect([fields[0], fields.length]).toEqual([4, 11]);
    expect(parseEnvelope(encode(fields)).ownKey).toBe(true);
    const least = behind.flatMap((one) => (one === NOTHING ? [undefined] : one === undefined ? [] : [one]));
    expect(() => parseEnvelope(encode([...fields.slice(0, 10), ...least]))).toThrow(damaged);
  });

  it.each([Number.NaN, 0.5, -1])('is of no commit that was recorded at %s', (recordedAt) => {
    expect(() => parseEnvelope(encodeEnvelope({ ...envelopeOf(sealed()), recordedAt }))).toThrow(damaged);
  });

  it.each([
    ['a meter day', 'meterday/0011223344556677/2026-03-05', 'usage/acc-a/2026-03/1767225600000', true],
    ['a tariff', 'tariff/flat', 'stream-class/tariff/1767225600000', true],
    ['a segment', 'segment/00000', 'segment/00000/1767225600000', false],
    ['a meter', 'meter/0011223344556677', 'stream-class/meter/1767225600000', false],
  ])('is there for %s or not, as whose commits are shown', (_what, stream, keyId, own) => {
    const commit = sealed(stream, { ...ROW, keyId });
    expect(envelopeOf(commit).ownKey).toBe(own);
    expect(envelopeOf(commit).keyHash).toEqual(own ? commitKeyHash(ownKeyOf(commit, { ...ROW, keyId })) : undefined);
    expect(openBody(commit, envelopeOf(commit), ROW.key)).toEqual(EVENTS);
  });
});

describe('a commit whose envelope does not name its key, of before', () => {
  it('opens by the key of its row and by its own', () => {
    const { commit, key } = unnamedCommit(emptyHead(BILL), ROW);
    const envelope = envelopeOf(commit);
    expect([envelope.ownKey, envelope.keyHash]).toEqual([true, undefined]);
    expect(openBody(commit, envelope, ROW.key)).toEqual(EVENTS);
    expect(openWith(commit, envelope, key)).toEqual(EVENTS);
  });

  it('C10.1-7: is read from the store, and no key of it is shown: there might be another', async () => {
    await inStore(async ({ state, store, empty, row }) => {
      await state.database.put(unnamedCommit(empty, row).commit, empty);
      const found = await all(store.evidence(BILL, 0, ACCESS));
      expect(found.map(({ recorded, key }) => [recorded.events, key])).toEqual([[EVENTS, undefined]]);
    });
  });
});

describe('a commit of the layout before', () => {
  it('opens by the key of its row, as it always did', () => {
    const commit = oldCommit();
    const envelope = parseEnvelope(commit.envelope);
    expect(envelope.ownKey).toBe(false);
    expect(openBody(commit, envelope, ROW.key)).toEqual(EVENTS);
    expect(() => openBody(commit, { ...envelope, ownKey: true }, ROW.key)).toThrow(damaged);
  });

  it('is read from the store among those of today, and has no key that could be shown', async () => {
    await inStore(async ({ state, store, empty, row }) => {
      const old = sealAsBefore(empty, row);
      await state.database.put(old, empty);
      await store.append(old.head, { commitId: idOf('today'), events: EVENTS, subject: SUBJECT }).durable;
      const found = await all(store.evidence(BILL, 0, ACCESS));
      expect(found.map(({ recorded, key }) => [recorded.events, key?.length])).toEqual([
        [EVENTS, undefined],
        [EVENTS, 32],
      ]);
      const shown = found[1]!;
      const stored = { stream: BILL, version: 1, ...shown };
      expect(openWith(stored, envelopeOf(stored), createSecretKey(shown.key!))).toEqual(EVENTS);
      expect(shown.hash).toEqual(shown.recorded.head.hash);
      await expect(all(store.evidence(BILL, 0))).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
    });
  });
});

const SUBJECT = { of: 'billing', subject: 'acc-a' } as const;
const WINDOW = { principal: 'billing', purpose: 'billing', from: Date.UTC(2026, 2, 1), until: Date.UTC(2026, 3, 1) } as const;
const ACCESS = grantSubjectAccess(WINDOW, [SUBJECT.subject]);

type State = Awaited<ReturnType<typeof newState>>;
interface EmptyBill {
  readonly state: State;
  readonly store: ReturnType<State['store']>;
  readonly empty: StreamHead;
  /** Of the key table. */
  readonly row: DataKey;
}

/** A store that has no commit of BILL yet, for as long as it is looked at. */
async function inStore(look: (bill: EmptyBill) => Promise<void>): Promise<void> {
  const state = await newState();
  try {
    const keyring = state.keyring('billing');
    await keyring.load(BILL, SUBJECT);
    const store = state.store('billing');
    await look({ state, store, empty: await store.head(BILL, SUBJECT), row: keyring.sealingKey(BILL, SUBJECT) });
  } finally {
    state.close();
    discard(state.directory);
  }
}

/** With a key of its own that the envelope does not name. */
function unnamedCommit(head: StreamHead, row: DataKey): { readonly commit: SealedCommit; readonly key: KeyObject } {
  const { keyHash: _named, ...fields } = envelopeOf(sealCommit(head, { commitId: idOf('before'), events: EVENTS }, row, AT));
  const envelope = encodeEnvelope(fields);
  const key = commitKeyOf(row.key, fields);
  return { commit: sealedBy(key, fields.nonce, envelope), key };
}

/** The layout before, under a key of today. */
function sealAsBefore(head: StreamHead, { keyId, key }: DataKey): SealedCommit {
  const commitId = idOf('before');
  const nonce = randomBytes(12);
  const fields = { stream: BILL, version: 0, count: 1, commitId, recordedAt: AT, keyId, nonce, prev: head.hash };
  const envelope = encodeEnvelope({ ...fields, packing: PACKING.plain, ownKey: false });
  return sealedBy(key, nonce, envelope);
}

/** EVENTS as the first commit of BILL. */
function sealedBy(key: KeyObject, nonce: Buffer, envelope: Buffer): SealedCommit {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(envelope);
  const body = Buffer.concat([cipher.update(encodeEvents(EVENTS)), cipher.final()]);
  const parts = { envelope, body, tag: cipher.getAuthTag() };
  const { commitId } = parseEnvelope(envelope);
  return { stream: BILL, version: 0, ...parts, count: 1, commitId, head: { stream: BILL, version: 0, hash: chainHash(parts) } };
}
