import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recorded } from '../../bin/town/reconciliation.ts';
import { SegmentState } from '../../domain/telemetry/segment-state.ts';
import { takeSnapshot } from '../../domain/telemetry/snapshot.ts';
import { trimSegment } from '../../lambdas/retention/trim-segment.ts';
import { localDay, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { noteMove } from '../../lambdas/shared/devices/moves.ts';
import { writeCheckpoint } from '../../lambdas/shared/retained/checkpoints.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { filesWith } from '../contract/support/state.ts';
import { SEGMENT } from '../meterday/closing-world.ts';
import { DAY_MS, FIRST, RetentionWorld, STREAM, valueAt, ZONE } from './retention-world.ts';
import { tamper, verified } from './verifying.ts';

let world: RetentionWorld;
beforeEach(async () => {
  world = await RetentionWorld.make();
});
afterEach(() => world.close());

const anchor = () => world.as('auditor').events.anchor(STREAM);

async function keptCommits() {
  return await Array.fromAsync(world.as('auditor').events.read(STREAM, ((await anchor())?.head.version ?? -1) + 1));
}

/** Plays `days`, then lets 30 more pass in silence, so that all of them are past their time and closed. */
async function aged(days: number): Promise<void> {
  await world.live(days, { retain: false });
  for (let n = days; n < days + 30; n++) await world.closeDay(plusDays(FIRST, n));
}

const trim = (dryRun = false) => trimSegment(world.as('archive'), SEGMENT, dryRun);

describe('telemetry over 60 days', () => {
  it('R9.1-3: is kept for 28 days, with one body per day, and its keys go with it', async () => {
    const [row] = await world.as('archive').keys.list(`${STREAM}/`);
    await world.live(60);
    const [first] = await keptCommits();
    const now = world.clock.now();
    expect(first!.recordedAt).toBeGreaterThan(now - 30 * DAY_MS);
    expect(first!.recordedAt).toBeLessThan(now - 27 * DAY_MS);
    expect(await verified(world)).toEqual([`${STREAM} checkpoint ${(await anchor())!.head.version}`]);
    expect(readdirSync(join(world.directory, 'objects', 'checkpoints')).length).toBeLessThan(31);
    expect((await world.as('archive').keys.list(`${STREAM}/`)).map(({ id }) => id)).not.toContain(row!.id);
    expect(filesWith(world.directory, row!.wrapped)).toEqual([]);
    expect(await Array.fromAsync(world.as('auditor').events.streams('meterday/'))).toHaveLength(120);
  });
});

describe('telemetry that is past its time', () => {
  it('reads on from the checkpoint: members, slots and chain are as they were', async () => {
    await aged(6);
    const before = takeSnapshot((await new Segments(world.as('ingest')).load(SEGMENT)).state);
    const outcome = await trim();
    expect(outcome.events).toBeGreaterThan(30);
    await world.as('ingest').directory.put([{ key: `segment-checkpoint/${SEGMENT}`, value: Buffer.alloc(0) }]);
    await world.open();
    expect(takeSnapshot((await new Segments(world.as('ingest')).load(SEGMENT)).state)).toEqual(before);
    await world.play(plusDays(FIRST, 36));
    const { fold } = await recorded(world.as('auditor'));
    const slots = [...fold.sorted()].filter(({ end }) => end > localDay(plusDays(FIRST, 36), ZONE).start);
    expect(slots).toHaveLength(192);
    expect(
      slots.every(({ meterId, end, energyWh }) => energyWh === valueAt(end, meterId === world.homes[0]!.options.meterId ? 0 : 1)),
    ).toBe(true);
  });

  it('a reader from the beginning is told where the beginning is', async () => {
    await aged(3);
    await trim();
    const reading = Array.fromAsync(world.as('ingest').events.read(STREAM));
    await expect(reading).rejects.toMatchObject({ code: 'ERR_STREAM_TRIMMED', keptFrom: (await anchor())!.head.version + 1 });
  });

  it('closing that has forgotten how far it was goes on, and changes no day of which the telemetry is gone', async () => {
    await aged(6);
    await trim();
    const heads = await dayHeads();
    await world.as('close-day').directory.put([{ key: `close/${SEGMENT}`, value: Buffer.from([0xa0]) }]);
    await world.play(plusDays(FIRST, 36));
    await world.closeDay(plusDays(FIRST, 36));
    const after = await dayHeads();
    const played = [...heads].filter(([stream]) => stream.slice(-10) < plusDays(FIRST, 6));
    expect(played).toHaveLength(12);
    for (const [stream, head] of played) expect(after.get(stream), stream).toBe(head);
    expect(after.size).toBe(heads.size + 2);
  });

  it('a dry run says what would go, and all of it stays', async () => {
    await aged(3);
    const { events } = await trim(true);
    expect(events).toBeGreaterThan(10);
    expect(await anchor()).toBeUndefined();
    expect((await trim()).events).toBe(events);
    expect((await trim()).events).toBe(0);
  });
});

describe('telemetry is kept', () => {
  it('as long as a day that it feeds is not closed', async () => {
    await world.play(FIRST);
    await world.checkpoint();
    world.clock.set(world.clock.now() + 40 * DAY_MS);
    expect(await trim()).toMatchObject({ events: 0, kept: 'days-open' });
  });

  it('as long as no checkpoint was written behind it', async () => {
    await world.play(FIRST);
    for (let n = 0; n < 35; n++) await world.closeDay(plusDays(FIRST, n));
    expect(await trim()).toMatchObject({ events: 0, kept: 'no-checkpoint' });
  });

  it('as long as the checkpoint behind it is not 28 days old, though its commit was recorded a moment too early for that', async () => {
    await world.play(FIRST);
    await world.checkpoint();
    const checkpointedAt = world.clock.now();
    await world.play(plusDays(FIRST, 1));
    for (let n = 0; n < 3; n++) await world.closeDay(plusDays(FIRST, n));
    world.clock.set(checkpointedAt + 28 * DAY_MS - 60_000);
    expect(await trim()).toEqual({ segment: SEGMENT, events: 0, rows: [] });
    world.clock.set(checkpointedAt + 28 * DAY_MS);
    expect((await trim()).events).toBeGreaterThan(0);
  });

  it('behind the checkpoint on which the stream stands, as long as there is no other', async () => {
    await aged(3);
    expect((await trim()).events).toBeGreaterThan(0);
    await world.play(plusDays(FIRST, 33));
    for (let n = 33; n < 70; n++) await world.closeDay(plusDays(FIRST, n));
    expect(await trim()).toMatchObject({ events: 0, kept: 'no-checkpoint' });
  });

  it('as long as a meter that left has not arrived: only this stream has its windows', async () => {
    await world.play(FIRST);
    const { meterId } = world.homes[0]!.options;
    const { directory } = world.as('ingest');
    await noteMove(directory, meterId, '00001');
    const segments = new Segments(world.as('ingest'));
    await segments.execute(SEGMENT, { type: 'LeaveMeter', meterId, toSegment: '00001', at: world.clock.now() });
    world.clock.set(world.clock.now() + DAY_MS);
    await world.checkpoint();
    for (let n = 0; n < 35; n++) await world.closeDay(plusDays(FIRST, n));
    expect(await trim()).toMatchObject({ events: 0, kept: 'move-under-way' });
    await noteMove(directory, meterId, '');
    expect((await trim()).events).toBeGreaterThan(0);
  });

  it('when the checkpoint holds another state than the commits come to', async () => {
    await world.play(FIRST);
    const { head } = await new Segments(world.as('ingest')).load(SEGMENT);
    const state = new SegmentState();
    state.version = head.version;
    await writeCheckpoint(world.as('ingest'), { id: SEGMENT, state, head, settled: Promise.resolve() }, (events) =>
      world.closing.append(STREAM, events),
    );
    for (let n = 0; n < 35; n++) await world.closeDay(plusDays(FIRST, n));
    expect(await trim()).toMatchObject({ events: 0, kept: 'checkpoint-differs' });
  });

  it('when the checkpoint is signed by somebody else', async () => {
    await aged(1);
    const forged = { ...world.as('ingest'), kms: { ...world.as('ingest').kms, sign: async () => Buffer.alloc(64, 1) } };
    const { head, state } = await new Segments(world.as('ingest')).load(SEGMENT);
    world.clock.set(world.clock.now() + 1);
    await writeCheckpoint(forged, { id: SEGMENT, state, head, settled: Promise.resolve() }, (events) =>
      world.closing.append(STREAM, events),
    );
    for (let n = 31; n < 62; n++) await world.closeDay(plusDays(FIRST, n));
    expect(await trim()).toMatchObject({ events: 0, kept: 'checkpoint-unsigned' });
  });

  it('when the body of the checkpoint is gone', async () => {
    await aged(1);
    const { objects } = world.as('archive');
    for (const key of await objects.list('checkpoints/')) await objects.delete(key);
    expect(await trim()).toMatchObject({ events: 0, kept: 'body-lost' });
  });

  it('C10.1-7: from everybody but the principal that may take it out', async () => {
    await aged(1);
    const { head } = (await keptCommits())[1]!;
    for (const principal of ['ingest', 'maintenance', 'operator-cli', 'auditor', 'close-day'])
      await expect(world.as(principal).events.trim(head, Buffer.alloc(32)), principal).rejects.toMatchObject({
        code: 'ERR_KMS_ACCESS_DENIED',
      });
    expect(await anchor()).toBeUndefined();
    await expect(world.as('archive').events.trim({ ...head, hash: Buffer.alloc(32, 7) }, Buffer.alloc(32))).rejects.toMatchObject({
      code: 'ERR_TRIM_REFUSED',
    });
  });
});

describe('the verifier of trimmed streams', () => {
  it('C10.1-7: names commits that were deleted by hand, and readers refuse what is left', async () => {
    await aged(3);
    tamper(world, (database) => database.exec(`DELETE FROM commits WHERE stream = '${STREAM}' AND version < 6`));
    expect(await verified(world)).toEqual([`${STREAM} missing 0`]);
    await expect(Array.fromAsync(world.as('ingest').events.read(STREAM))).rejects.toMatchObject({ code: 'ERR_COMMIT_DAMAGED' });
  });

  it('C10.1-7: names an anchor that nobody entitled has signed, wherever it points', async () => {
    await aged(3);
    await trim();
    const at = (await anchor())!.head.version;
    await world.play(plusDays(FIRST, 33));
    const [, , third] = await keptCommits();
    const forge = (database: DatabaseSync) => {
      const set = database.prepare('UPDATE anchors SET version = ?, hash = ? WHERE stream = ?');
      set.run(third!.head.version, third!.head.hash, STREAM);
    };
    expect(await verified(world)).toEqual([`${STREAM} checkpoint ${at}`]);
    tamper(world, forge);
    expect(await verified(world)).toEqual([`${STREAM} unsigned ${third!.head.version}`]);
    await expect(anchor()).rejects.toMatchObject({ code: 'ERR_ANCHOR_REFUSED' });
    await expect(new Segments(world.as('maintenance')).load(SEGMENT)).rejects.toMatchObject({ code: 'ERR_ANCHOR_REFUSED' });
  });

  it('C10.1-7: names an anchor that is gone, and one with another signature', async () => {
    await aged(3);
    await trim();
    const { version } = (await anchor())!.head;
    tamper(world, (database) => database.exec('UPDATE trims SET signature = zeroblob(64)'));
    expect(await verified(world)).toEqual([`${STREAM} unsigned ${version}`]);
    tamper(world, (database) => database.exec('DELETE FROM anchors'));
    expect(await verified(world)).toEqual([`${STREAM} missing 0`]);
  });
});

async function dayHeads(): Promise<Map<string, string>> {
  const audit = world.as('archive').events;
  const heads = new Map<string, string>();
  for await (const stream of audit.streams('meterday/')) {
    const month = stream.split('/')[2]!.slice(0, 7);
    heads.set(stream, (await audit.head(stream, { of: 'usage', subject: 'utility', month })).hash.toString('hex'));
  }
  return heads;
}
