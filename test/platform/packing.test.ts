import { createSecretKey, randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeEvents } from '../../events/codec.ts';
import type { DomainEvent } from '../../events/index.ts';
import { COMMIT_LIMIT, type DataKey, emptyHead, envelopeOf, openBody, type SealedCommit, sealCommit } from '../../platform/store/commit.ts';
import { type Envelope, encodeEnvelope, parseEnvelope } from '../../platform/store/envelope.ts';
import { PACKING, pack, unpack } from '../../platform/store/packing.ts';
import { commitOf, idOf, telemetryCommit } from '../contract/support/events.ts';

const KEY: DataKey = { keyId: 'segment/00000/1768435200000', key: createSecretKey(Buffer.alloc(32, 7)) };
const AT = 1_768_435_200_000;
const damaged = expect.objectContaining({ code: 'ERR_COMMIT_DAMAGED' });

/** A batch of one concentrator, as meters say it: neighbours, one interval, own chain heads and tags. */
function batchOf(count: number): DomainEvent {
  const plaintext = Buffer.alloc(count * 32);
  const header = Buffer.alloc(count * 20);
  for (let i = 0; i < count; i++) {
    Buffer.from('01000001696843180f00000000012c', 'hex').copy(plaintext, i * 32);
    randomBytes(8).copy(plaintext, i * 32 + 15);
    header.writeUInt32BE(i, i * 20 + 4);
  }
  const frames = {
    count,
    member: Buffer.from(Uint16Array.from({ length: count }, (_, i) => i).buffer),
    header,
    tag: randomBytes(count * 4),
    plaintext,
    sizeClass: Buffer.alloc(count),
    annotations: Buffer.alloc(count * 4),
    receivedAt: Buffer.alloc(count * 4, 1),
  };
  const batch = { dcId: 'dc1', sequence: 1, digest: Buffer.alloc(8) };
  return { type: 'FramesAccepted', data: { batch, brokerTime: AT, frames, duplicates: 0, slotsRepeated: 0 } };
}

function sealed(events: readonly DomainEvent[], how: 'sealed' | 'clear' = 'sealed'): SealedCommit {
  return sealCommit(emptyHead('segment/00000'), { commitId: idOf('a'), events }, how === 'sealed' ? KEY : undefined, AT);
}

/** The commit with another body and envelope under a seal that verifies: what only a writer with the key could make. */
function resealed(change: Partial<Envelope>, body: Buffer): { stored: SealedCommit; envelope: Envelope } {
  const whole = sealed([batchOf(64)], 'clear');
  const envelope = { ...parseEnvelope(whole.envelope), ...change, keyId: '' };
  return { stored: { ...whole, envelope: encodeEnvelope(envelope), body }, envelope };
}

function packedBody(frame: Buffer, length = frame.length): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(length);
  return Buffer.concat([head, frame]);
}

describe('a commit of many frames', () => {
  it('is kept in less than a quarter of its bytes, and comes back as it was', () => {
    const events = [batchOf(500)];
    const commit = sealed(events);
    expect(encodeEvents(events).length).toBeGreaterThan(33_000);
    expect(commit.body.length).toBeLessThan(8_000);
    expect(envelopeOf(commit).packing).toBe(PACKING.zstd);
    expect(openBody(commit, envelopeOf(commit), KEY.key)).toEqual(events);
  });

  it('has a length in steps of 512 bytes, whatever the meters measured', () => {
    const lengths = Array.from({ length: 20 }, (_, i) => pack([batchOf(64 + 20 * i)]).bytes.length);
    expect(lengths.every((length) => length % 512 === 0)).toBe(true);
    expect(new Set(lengths).size).toBeGreaterThan(3);
  });

  it('stays as it is when it holds few frames, no frames, or nothing that shrinks', () => {
    for (const events of [[batchOf(63)], commitOf('a', 500).events, telemetryCommit('noise', 60_000).events]) {
      const { packing, bytes } = pack(events);
      expect(packing).toBe(PACKING.plain);
      expect(bytes.equals(encodeEvents(events))).toBe(true);
    }
  });

  it('stays as it is when it is not sealed', () => {
    expect(envelopeOf(sealed([batchOf(500)], 'clear')).packing).toBe(PACKING.plain);
  });

  it('is refused by its length before packing, so that what it says never decides whether it may be recorded', () => {
    const events = [{ ...telemetryCommit('big', 65_000).events[0]! }, batchOf(64)];
    expect(() => sealed(events)).toThrow(expect.objectContaining({ code: 'ERR_COMMIT_TOO_LARGE' }));
    const zeros = (count: number) => {
      const event = batchOf(64);
      return [event, { type: 'CertificateRenewed', data: { certificate: Buffer.alloc(count), at: 1 } } as const];
    };
    expect(() => sealed(zeros(62_000))).toThrow(expect.objectContaining({ code: 'ERR_COMMIT_TOO_LARGE' }));
    expect(sealed(zeros(55_000)).body.length).toBeLessThan(COMMIT_LIMIT / 16);
  });
});

describe('the envelope of a commit', () => {
  it('is the same as ever where the body is plain', () => {
    const { envelope } = sealed(commitOf('a').events);
    expect([envelope[0], envelope[1]]).toEqual([0x89, 1]);
    expect(parseEnvelope(envelope).packing).toBe(PACKING.plain);
  });

  it('says how the body is packed, under the seal: neither can be put in the place of the other', () => {
    const commit = sealed([batchOf(100)]);
    expect([commit.envelope[0], commit.envelope[1]]).toEqual([0x8a, 2]);
    const plain = { ...parseEnvelope(commit.envelope), packing: PACKING.plain };
    const stored = { ...commit, envelope: encodeEnvelope(plain) };
    expect(() => openBody(stored, plain, KEY.key)).toThrow(damaged);
  });

  it('is none with a packing that nobody knows, or one that its layout has no place for', () => {
    const { envelope } = sealed([batchOf(100)]);
    const unknown = Buffer.from(envelope);
    unknown[unknown.length - 1] = 2;
    const wrongLayout = Buffer.from(envelope);
    wrongLayout[1] = 1;
    const without = Buffer.from(envelope.subarray(0, -1));
    without[0] = 0x89;
    for (const bytes of [unknown, wrongLayout, without]) expect(() => parseEnvelope(bytes)).toThrow(damaged);
  });
});

describe('a packed body', () => {
  const zstd = { packing: PACKING.zstd } as const;

  it('that holds more than a commit may is not unpacked, however small it is', () => {
    const bomb = packedBody(zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)));
    expect(bomb.length).toBeLessThan(COMMIT_LIMIT);
    expect(unpack({ ...zstd, bytes: bomb })).toBeUndefined();
    const { stored, envelope } = resealed(zstd, bomb);
    expect(() => openBody(stored, envelope, undefined)).toThrow(damaged);
  });

  it('that is cut, lengthened or something else is damage', () => {
    const frame = zstdCompressSync(encodeEvents([batchOf(64)], 'planes'));
    expect(openBody(...argumentsOf(packedBody(frame)))).toHaveLength(1);
    const bad = [Buffer.alloc(0), Buffer.alloc(3), packedBody(frame, frame.length + 1), packedBody(frame, 7), packedBody(Buffer.alloc(99))];
    for (const body of bad) expect(() => openBody(...argumentsOf(body))).toThrow(damaged);
  });

  function argumentsOf(body: Buffer): [SealedCommit, Envelope, undefined] {
    const { stored, envelope } = resealed(zstd, body);
    return [stored, envelope, undefined];
  }
});
