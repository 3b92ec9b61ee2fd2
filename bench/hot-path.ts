import { createDecipheriv } from 'node:crypto';
import { foldCommit } from '../domain/telemetry/fold.ts';
import { SegmentState } from '../domain/telemetry/segment-state.ts';
import { encodeEvents } from '../events/codec.ts';
import type { DomainEvent } from '../events/index.ts';
import { intoCommits } from '../lambdas/ingest/commit-sizes.ts';
import { EpochKeyCache } from '../lambdas/ingest/epoch-keys.ts';
import { FrameOpening } from '../lambdas/ingest/frame-opening.ts';
import { sortFrames } from '../lambdas/ingest/frame-sorter.ts';
import { INGEST_LIMITS } from '../lambdas/ingest/limits.ts';
import { SegmentIngest } from '../lambdas/ingest/segment-ingest.ts';
import { Throttles } from '../lambdas/ingest/throttles.ts';
import { KnownMeters } from '../lambdas/shared/devices/known-meters.ts';
import type { Directory } from '../platform/ports/platform.ts';
import { encodeBatch, readBatch } from '../protocol/batch.ts';
import { type GenerationKeys, HEADER_BYTES, HEADER_OFFSET, nonceOf, readHeader } from '../protocol/frame.ts';
import { encStructure } from '../protocol/gcm.ts';
import { epochKeys, generationOf } from '../protocol/keys.ts';
import { HOME, SealedMeter } from '../test/support/sealed-town.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { atMost, interleaved, type Result, WARM_UP } from './measure.ts';

const START = Date.UTC(2026, 0, 15);

/**
 * The hot path: parse, key look-up, open, decode, checks, event encode of one batch, against nothing but the AES-256-GCM
 * open of the same bytes with a key object at hand.
 */
export async function hotPath(rounds: number): Promise<Result[]> {
  const small = await compare(4, 500, rounds);
  const large = await compare(96, 160, rounds);
  return [
    atMost('hot path, frames of 4 readings, to bare open', small.ratio, 'ratio', 1.6),
    { name: 'hot path, frames of 4 readings', value: small.first, unit: 'us/frame' },
    { name: 'bare open of the same bytes, 4', value: small.second, unit: 'us/frame' },
    atMost('hot path, frames of 96 readings, to bare open', large.ratio, 'ratio', 1.6),
    { name: 'hot path, frames of 96 readings', value: large.first, unit: 'us/frame' },
    { name: 'bare open of the same bytes, 96', value: large.second, unit: 'us/frame' },
  ];
}

async function compare(deltas: number, frames: number, rounds: number): Promise<{ first: number; second: number; ratio: number }> {
  const meters = Array.from(
    { length: frames },
    (_, n) => new SealedMeter((0xa0b0c000n + BigInt(n)).toString(16).padStart(16, '0'), '00000', ['one']),
  );
  const total = WARM_UP + rounds;
  const values = Array.from({ length: deltas }, (_, i) => 100 + (i % 7));
  const batches = Array.from({ length: total }, (_, round) => {
    const end = START + (round + 1) * deltas * 15 * 60_000;
    return encodeBatch(
      round + 1,
      meters.map((meter) => ({ receivedAt: end, bytes: meter.reading(end, values) })),
    );
  });
  const keys = meters.map((meter) => generationOf(epochKeys(meter.secret).chain0, 0));
  const cuts = batches.map((bytes) => cut(bytes, keys));
  const path = await makePath(meters);
  let next = 0;
  let bare = 0;
  return interleaved(
    rounds,
    frames,
    () => path(batches[next]!, START + ++next * deltas * 15 * 60_000),
    () => openBare(cuts[bare++]!),
  );
}

/** Everything between the bytes of a batch and the bytes of a commit's body. */
async function makePath(meters: readonly SealedMeter[]): Promise<(bytes: Buffer, brokerTime: number) => void> {
  const known = new KnownMeters(directoryOf(meters));
  await known.refresh();
  const state = new SegmentState();
  const joined = meters.map(({ meterId }, member): DomainEvent => {
    return { type: 'MeterJoined', data: { meterId, member, asset: HOME, relays: [{ dcId: 'one', from: 0 }], at: START } };
  });
  foldCommit(state, 0, joined);
  const cache = new EpochKeyCache(INGEST_LIMITS.keyObjects);
  const ingest = new SegmentIngest({
    defences: { ...ALL_DEFENCES },
    opening: new FrameOpening(ALL_DEFENCES, cache),
    keys: cache,
    throttles: new Throttles(INGEST_LIMITS, true),
  });
  for (const [n, meter] of meters.entries())
    cache.load(n, [{ epoch: 1, secret: meter.secret, createdAt: START + 100 * 86_400_000 }], START);
  const warm = {
    id: '00000',
    state,
    head: { stream: 'segment/00000', version: 0, hash: Buffer.alloc(32) },
    settled: Promise.resolve(),
    checkpointing: false,
  };
  // Answers are due every 20 hours of broker time and measured with durable ingest; here every meter has just been answered.
  return (bytes, brokerTime) => {
    for (const [, member] of state.members.all()) member.ackedAt = brokerTime;
    const batch = readBatch(bytes);
    const sorted = sortFrames(batch, known);
    const message = { dcId: 'one', brokerTime, bytes, digest: bytes.subarray(0, 32) };
    for (const frames of sorted.bySegment.values()) {
      const { events } = ingest.judge(warm, { message, batch, frames, meters: sorted.meters, olderTags: new Map() });
      for (const commit of intoCommits(events, bytes.length)) encodeEvents(commit);
      const accepted = events[0];
      if (accepted?.type !== 'FramesAccepted' || accepted.data.frames.count !== frames.length)
        throw new Error('benchmark: a frame was not accepted');
      state.version += events.length;
    }
  };
}

/** Everything a bare open needs, cut out beforehand. */
interface Cut {
  readonly nonce: Buffer;
  readonly aad: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
  readonly keys: GenerationKeys;
}

function cut(bytes: Buffer, keys: readonly GenerationKeys[]): Cut[] {
  const batch = readBatch(bytes);
  return keys.map((own, i) => {
    const at = batch.offset[i]!;
    const end = at + batch.length[i]!;
    const { salt, counter } = readHeader(bytes, at);
    const aad = encStructure('Encrypt0', bytes.subarray(at + HEADER_OFFSET, at + HEADER_OFFSET + HEADER_BYTES), Buffer.from('JK1 up'));
    const head = batch.length[i] === 370 ? 34 : 33;
    return {
      nonce: nonceOf(own.iv, salt, counter),
      aad,
      ciphertext: bytes.subarray(at + head, end - 16),
      tag: bytes.subarray(end - 16, end),
      keys: own,
    };
  });
}

function openBare(cuts: readonly Cut[]): void {
  for (const { nonce, aad, ciphertext, tag, keys } of cuts) {
    const decipher = createDecipheriv('aes-256-gcm', keys.key, nonce, { authTagLength: 16 });
    decipher.setAAD(aad);
    decipher.setAuthTag(tag);
    decipher.update(ciphertext);
    decipher.final();
  }
}

function directoryOf(meters: readonly SealedMeter[]): Directory {
  const chunk = Buffer.alloc(meters.length * 12);
  for (const [i, { meterId }] of meters.entries()) chunk.write(meterId, i * 12, 'hex');
  return {
    get: async (key) => (key === 'known-meters/head' ? Buffer.from('one') : undefined),
    getMany: async (keys) => keys.map(() => undefined),
    put: async () => undefined,
    list: async function* () {
      yield { key: 'known-meters/chunk/one', value: chunk };
    },
  };
}
