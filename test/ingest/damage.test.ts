import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../events/errors.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { LOG_FILTERS } from '../../lib/alarms/log-alarms.ts';
import { verifyStream } from '../../platform/store/verify.ts';
import { encodeBatch } from '../../protocol/batch.ts';
import { all, commitOf } from '../contract/support/events.ts';
import { discard, newState, verifyOptions } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import type { SealedMeter } from '../support/sealed-town.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { FIRST_HOUR, IngestWorld } from './ingest-world.ts';

const STREAM = 'segment/00000';

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

const readingOf = (meter: SealedMeter): Buffer => meter.reading(FIRST_HOUR, [5, 6, 7, 8]);
const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const hashesIn = ({ hashes }: { readonly hashes: readonly Uint8Array[] }) => hashes.map((one) => Buffer.from(one).toString('hex'));

/** What is on record of frames and of batches that were not taken. */
async function refusals(world: IngestWorld) {
  const frames = (await world.events('segment/')).flatMap((event) => (event.type === 'FramesRefused' ? [event.data] : []));
  const junk = (await world.events('relay/')).flatMap((event) => (event.type === 'JunkCounted' ? [event.data] : []));
  return { frames, junk };
}

/** A batch of one concentrator as the gateway hands it on. */
const messageOf = (dcId: string, batch: Buffer): string =>
  JSON.stringify({ dcId, brokerTime: FIRST_HOUR, batch: batch.toString('base64') });

/** A true frame and a batch of it, over the concentrator `two`. */
async function given() {
  const world = await IngestWorld.make();
  world.world.clock.set(FIRST_HOUR);
  const frame = readingOf(world.town[0]!);
  return { world, frame, batch: encodeBatch(1, [{ receivedAt: FIRST_HOUR, bytes: frame }]) };
}

describe('damage on the way of a reading', () => {
  it('C10.1-5: of a meter’s frame is found when it is opened, whichever part of it, with its reason and the concentrator it came over', async () => {
    const { world, frame } = await given();
    const damaged = [flipped(frame, 40), flipped(frame, frame.length - 1), flipped(frame, 2), frame.subarray(0, -1)];
    await world.deliver(damaged, 'two');
    const { frames, junk } = await refusals(world);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ hop: 'two', counts: { 'not-authentic': 2 } });
    expect(hashesIn(frames[0]!)).toEqual(damaged.slice(0, 2).map(hashOf));
    expect(junk.map(({ batch, counts }) => [batch.dcId, counts])).toEqual([['two', { 'frame-layout': 2 }]]);
    expect((await world.tally()).accepted).toBe(0);
  });

  it('C10.1-5: of a concentrator’s batch is found when it is split, and on record under that concentrator', async () => {
    const { world, batch } = await given();
    const damaged = [flipped(batch, 0), batch.subarray(0, -1), Buffer.concat([batch, Buffer.of(0)])];
    await world.deliverBodies(damaged.map((bytes) => messageOf('two', bytes)));
    const { frames, junk } = await refusals(world);
    expect(frames).toEqual([]);
    expect(junk.map(({ batch: of }) => of.dcId)).toEqual(['two', 'two', 'two']);
    expect(junk.map(({ counts }) => counts)).toEqual(damaged.map(() => ({ 'batch-layout': 1 })));
    expect(junk.flatMap(hashesIn)).toEqual(damaged.map(hashOf));
    await world.deliver([readingOf(world.town[1]!)], 'two');
    expect(await world.tally()).toMatchObject({ accepted: 1, refusedByReason: { 'batch-layout': 3 } });
  });

  it('C10.1-5: of a frame inside a whole batch is found at the frame, under the concentrator that brought the batch', async () => {
    const { world, frame, batch } = await given();
    await world.deliverBodies([messageOf('two', flipped(batch, batch.indexOf(frame) + 40))]);
    const { frames } = await refusals(world);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ hop: 'two', counts: { 'not-authentic': 1 } });
  });

  it('C10.1-5: of a queue’s message is found when it is read: its code is logged, and the queue gets it back to set it aside', async () => {
    const { world, batch } = await given();
    const message = messageOf('two', batch);
    const damaged = [message.slice(0, -1), message.replace('"dcId"', '"dcIe"'), message.replace(String(FIRST_HOUR), `"${FIRST_HOUR}"`), ''];
    const handler = makeIngest(world.world.as('ingest'), defencesUnderTest());
    const answer = await handler(sqsEvent('telemetry', [...damaged, message]), lambdaContext('ingest'));
    expect(failedIds(answer)).toEqual(damaged.map((_, i) => `message-${i}`));
    const logged = world.world.logged.filter(({ level }) => level === 'error').map(({ fields }) => fields?.['code']);
    expect(logged).toEqual(damaged.map(() => 'ERR_QUEUE_MESSAGE'));
    expect(await world.tally()).toMatchObject({ accepted: 1, quarantined: 0 });
  });

  it('C10.1-5: of a stored commit is found when it is read, by stream and version, under a code that rings', async () => {
    const state = await newState();
    try {
      const store = state.store('ingest');
      for (const text of ['one', 'two', 'three']) await store.append(await store.head(STREAM), commitOf(text, 1)).durable;
      for (const part of ['envelope', 'tag', 'body']) {
        const whole = alter(state.directory, part, undefined);
        alter(state.directory, part, flipped(whole, whole.length - 1));
        const error: unknown = await all(state.store('auditor').read(STREAM)).catch((thrown: unknown) => thrown);
        expect([part, codeOf(error)]).toEqual([part, 'ERR_COMMIT_DAMAGED']);
        const { bad } = await verifyStream(state.database, STREAM, verifyOptions(state));
        expect([part, bad?.stream, bad?.version]).toEqual([part, STREAM, 1]);
        alter(state.directory, part, whole);
      }
      expect(await all(state.store('auditor').read(STREAM))).toHaveLength(3);
    } finally {
      state.close();
      discard(state.directory);
    }
    const rings = LOG_FILTERS.find(({ metric }) => metric === 'RecordDamaged')!;
    const patterns = rings.codes.map((code) => new RegExp(`^${code.replaceAll('*', '.*')}$`));
    for (const code of ['ERR_COMMIT_DAMAGED', 'ERR_ARCHIVE_DAMAGED']) expect(patterns.some((pattern) => pattern.test(code))).toBe(true);
  });
});

/** Puts a part of the commit at version 1 behind the store's back. @returns what it was */
function alter(directory: string, part: string, bytes: Buffer | undefined): Buffer {
  const database = new DatabaseSync(join(directory, 'events.db'));
  try {
    const [row] = database.prepare(`SELECT ${part} AS bytes FROM commits WHERE stream = ? AND version = 1`).all(STREAM);
    if (bytes !== undefined) database.prepare(`UPDATE commits SET ${part} = ? WHERE stream = ? AND version = 1`).run(bytes, STREAM);
    return Buffer.from(row!['bytes'] as Uint8Array);
  } finally {
    database.close();
  }
}
