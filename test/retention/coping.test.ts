import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recorded } from '../../bin/town/reconciliation.ts';
import { afterRestore } from '../../lambdas/maintenance/restore.ts';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { resealPoint } from '../../lambdas/register/reseal.ts';
import { correctTenancy, openAccount } from '../../lambdas/register/tenancy.ts';
import { localDay, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { verifyStream } from '../../platform/store/verify.ts';
import { discard, filesWith, verifyOptions } from '../contract/support/state.ts';
import { FIRST_HOUR, IngestWorld } from '../ingest/ingest-world.ts';
import { logEverything } from '../log/logged-state.ts';
import { SEGMENT } from '../meterday/closing-world.ts';
import { ASSET, cuts, METER } from '../subjects/given.ts';
import { closeDay, endsIn, frameOf, readDay, sealedWorld, streamOf, ZONE } from '../subjects/sealed-days.ts';
import { FIRST, RetentionWorld, STREAM } from './retention-world.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));

describe('what reads segments from their beginning', () => {
  let world: RetentionWorld;
  beforeEach(async () => {
    world = await RetentionWorld.make();
  });
  afterEach(() => world.close());

  it('makes its read models anew from what is kept', async () => {
    await world.live(40);
    await rebuildModel(world.as('project'), 'segments');
    const pages = await Array.fromAsync(world.as('project').models.table('usage-pages').keys(`segment/${SEGMENT}`, ''));
    const days = [...new Set(pages.map(({ sort }) => new Date(Number.parseInt(sort, 10) * 1000).toISOString().slice(0, 10)))].sort();
    expect(days[0]! > plusDays(FIRST, 9) && days[0]! < plusDays(FIRST, 14)).toBe(true);
    expect(days.at(-1)).toBe(plusDays(FIRST, 39));
    const { readings } = await recorded(world.as('auditor'));
    expect(readings).toBeGreaterThanOrEqual(28 * 2 * 96);
  });

  it('goes on after a backup was put back that stands on a checkpoint long superseded', async () => {
    await world.live(33);
    const copy = join(world.directory, 'copy.db');
    await world.platform.events.backup(copy);
    await world.live(6, { from: 33 });
    await world.platform.close();
    for (const name of ['events.db', 'events.db-wal', 'events.db-shm']) rmSync(join(world.directory, name), { force: true });
    copyFileSync(copy, join(world.directory, 'events.db'));
    rmSync(copy);
    await world.reopen();
    await afterRestore(world.as('maintenance'));
    const { state, head } = await new Segments(world.as('ingest')).load(SEGMENT);
    expect(state.members.present).toBe(2);
    expect(head).toEqual(await world.as('ingest').events.head(STREAM));
    expect((await recorded(world.as('auditor'))).readings).toBeGreaterThan(20 * 2 * 96);
    await world.play(plusDays(FIRST, 39));
  });

  it('joulekeep retention run says what it does, and verify what is gone', async () => {
    await world.live(2, { retain: false });
    await logEverything(world.platform, world.clock);
    await world.platform.close();
    const run = (...args: string[]) => spawnSync(process.execPath, [JOULEKEEP, ...args], { encoding: 'utf8' });
    const dry = run('retention', 'run', '--state', world.directory, '--dry-run');
    expect([dry.status, dry.stderr.includes('100 %  1 of 1 segments')]).toEqual([0, true]);
    expect(dry.stdout).toContain('meter days in');
    expect(run('retention', 'list').stdout).toMatch(/^telemetry +segment\/ +28 days +deleted-behind-checkpoint +retention$/m);
    expect(run('verify', '--state', world.directory)).toMatchObject({ status: 0 });
    expect(run('verify', 'segmnt/', '--state', world.directory)).toMatchObject({
      status: 1,
      stderr: `joulekeep: no stream in ${world.directory} begins with segmnt/: nothing was verified\n`,
    });
    expect(run('retention', 'run', '--state', `${world.directory}/nowhere`)).toMatchObject({ status: 2, stdout: '' });
    await world.reopen();
  }, 60_000);
});

describe('what is archived', () => {
  it('R9.1-3: is sealed again when its tenancy is corrected, and the former key opens nothing of it', async () => {
    const world = await sealedWorld();
    const installed = localDay('2026-09-01', ZONE).start * 1000;
    const enrol = world.as('enrol');
    const tenant = { accountId: 'acc-a', from: installed };
    const point = { usagePoint: 'up-0', premises: 'p', zone: ZONE, areaLeaf: 'n', meterClass: 'residential' as const, tenant };
    await openPoints(enrol, [{ ...point, meter: { meterId: METER, from: installed, asset: ASSET } }]);
    await openAccount(enrol, 'acc-b');
    const streams = ['2026-10-08', '2026-10-10'].map((day) => streamOf(frameOf(METER, day, '')));
    for (const day of ['2026-10-08', '2026-10-10']) await closeDay(world.as('close-day'), frameOf(METER, day, 'acc-a'));
    const archive = world.as('archive');
    await archive.events.archive(streams);
    expect([...world.state.database.stored(streams[0]!)]).toEqual([]);
    const [old] = await archive.keys.list('usage/acc-a/2026-10/');
    world.state.clock.advance(60_000);
    const from = localDay('2026-10-10', ZONE).start * 1000;
    await correctTenancy(enrol, 'up-0', { since: installed + 1, cuts: cuts(['acc-b', from]), reason: 'told late', by: 'clerk' });
    for (let report = await resealPoint(archive, 'up-0'); report.waitsUntil !== undefined; report = await resealPoint(archive, 'up-0'))
      world.state.clock.advance(report.waitsUntil - world.state.clock.now());
    expect(filesWith(world.state.directory, old!.wrapped)).toEqual([]);
    for (let round = 0; round < 2; round++) {
      expect(endsIn(await readDay(world.as('close-day'), streams[0]!, 'acc-a'))).toHaveLength(96);
      expect(endsIn(await readDay(world.as('close-day'), streams[1]!, 'acc-b'))).toHaveLength(96);
      expect(await readDay(world.as('close-day'), streams[1]!, 'acc-a')).toBe('ERR_SUBJECT_SEALED');
      for (const stream of streams) {
        const report = await verifyStream(world.state.archives, stream, verifyOptions(world.state));
        expect(report).toMatchObject({
          commits: 2,
          erased: 1,
          trimmed: { why: 'archive', to: round === 0 ? report.trimmed!.to : report.head.version },
        });
        expect(report.bad).toBeUndefined();
      }
      await archive.events.archive(streams);
      expect(await archive.events.sweep()).toBe(round === 0 ? 1 : 0);
    }
    world.state.close();
    discard(world.state.directory);
  });
});

describe('ingest', () => {
  it('answers a repeat of a deleted commit by what the segment still knows, and counts nothing twice', async () => {
    const town = await IngestWorld.make();
    const frames = town.town.map((meter) => meter.reading(FIRST_HOUR, [1, 2, 3, 4]));
    const body = await town.deliver(frames);
    const { events } = town.world.as('ingest');
    const stream = `segment/${SEGMENT}`;
    const segments = new Segments(town.world.as('ingest'));
    town.world.clock.set(town.world.clock.now() + 2 * 86_400_000);
    await segments.checkpointIfDue(await segments.load(SEGMENT));
    const kept = (await Array.fromAsync(events.read(stream))).at(-1)!;
    const [checkpoint] = kept.events;
    if (checkpoint?.type !== 'SegmentCheckpointed') throw new Error('no checkpoint was written');
    const head = { stream, version: checkpoint.data.covers, hash: Buffer.from(checkpoint.data.chainHead) };
    await town.world.as('archive').events.trim(head, Buffer.from(checkpoint.data.bodyHash));
    town.restart();
    await town.deliverBodies([body]);
    await town.deliver(frames, 'one', town.world.clock.now());
    const after = await Array.fromAsync(events.read(stream, head.version + 1));
    const accepted = after.flatMap((commit) => commit.events).filter((event) => event.type === 'FramesAccepted');
    expect(accepted.map(({ data }) => [data.frames.count, data.duplicates])).toEqual([[0, frames.length]]);
  });
});
