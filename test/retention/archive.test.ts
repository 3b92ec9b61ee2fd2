import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { runRetention } from '../../lambdas/retention/run-retention.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { openDays } from '../../lambdas/shared/days/day-streams.ts';
import { plusDays } from '../../lambdas/shared/days/local-days.ts';
import { type DayReadings, type DayWindow, dayStreamsOf, meterDays } from '../../lambdas/shared/days/meter-days.ts';
import { DAY_MS, FIRST, RetentionWorld } from './retention-world.ts';
import { tamper, verified } from './verifying.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const WINDOW: DayWindow = { from: plusDays(FIRST, -3), until: plusDays(FIRST, 9) };
/** January 2026 has been over for 13 months. */
const DUE = Date.UTC(2027, 2, 2, 12);

let world: RetentionWorld;
beforeEach(async () => {
  world = await RetentionWorld.make();
});
afterEach(() => world.close());

async function answer(window = WINDOW): Promise<DayReadings[]> {
  const reader = world.as('project');
  const all = { from: 0, until: 4e12 };
  const access = await openSubjectData(reader, { purpose: 'projection', ...all, subjects: ['utility'] });
  const found: DayReadings[] = [];
  for (const { options } of world.homes) found.push(...(await Array.fromAsync(meterDays(reader, options, window, access))));
  return found;
}

const isSound = async () => (await verified(world)).every((line) => / (archive|checkpoint) \d+$/.test(line));
const objects = () => world.as('archive').objects.list('archive/');

function hotDays(): number {
  let count = 0;
  tamper(world, (database) => {
    count = (database.prepare("SELECT count(*) AS n FROM commits WHERE stream LIKE 'meterday/%'").get() as { n: number }).n;
  });
  return count;
}

describe('meter days over 14 months', () => {
  it('are answered alike while hot, half archived, and archived, with today from telemetry', async () => {
    await world.live(6);
    await world.play(plusDays(FIRST, 6));
    await rebuildModel(world.as('project'), 'segments');
    const before = await answer();
    expect(before.map(({ standing }) => standing)).toEqual([...Array(6).fill('final'), 'open', ...Array(6).fill('final'), 'open']);
    expect(before[6]!.channels[0]!.slots).toHaveLength(96);
    world.clock.set(DUE - 2 * DAY_MS);
    expect(await runRetention(world.as('archive'))).toMatchObject({ months: 0, days: 0, failed: 0 });
    expect(hotDays()).toBeGreaterThan(0);
    world.clock.set(DUE);
    expect(await runRetention(world.as('archive'))).toMatchObject({ months: 2, days: 12, failed: 0 });
    expect(hotDays()).toBe(0);
    expect(await objects()).toHaveLength(2);
    await world.open();
    expect(await answer()).toEqual(before);
    expect(await runRetention(world.as('archive'))).toMatchObject({ months: 0, days: 0 });
    expect((await verified(world)).filter((line) => line.includes(' archive '))).toHaveLength(12);
    expect(await isSound()).toBe(true);
  });

  it('joulekeep day list shows them alike while hot and archived, behind a record of who looks', async () => {
    await world.live(2);
    const { meterId } = world.homes[0]!.options;
    const list = async (...words: string[]) => {
      await world.platform.close();
      const args = ['day', 'list', '--state', world.directory, '--from', FIRST, '--days', '30', ...words];
      const { status, stdout, stderr } = spawnSync(process.execPath, [JOULEKEEP, ...args], { encoding: 'utf8' });
      await world.reopen();
      return { status, stdout, stderr };
    };
    const before = await list('--meter', meterId, '--as', 'ann');
    expect(before).toMatchObject({ status: 0, stderr: '' });
    expect(before.stdout).toMatch(new RegExp(`^${meterId}  ${FIRST}    final        revision \\d+  import \\d+ Wh\n`));
    expect(before.stdout.trim().split('\n')).toHaveLength(2);
    world.clock.set(DUE);
    expect(await runRetention(world.as('archive'))).toMatchObject({ days: 4 });
    expect(hotDays()).toBe(0);
    expect(await list('--meter', meterId)).toEqual(before);
    const { events } = world.as('auditor');
    const people: unknown[] = [];
    for await (const stream of events.streams('access/'))
      if (stream.endsWith('.export'))
        for await (const commit of events.read(stream)) for (const { data } of commit.events) people.push('person' in data && data.person);
    expect(people).toHaveLength(2);
    expect(people).toContain('ann');
    expect(await list()).toMatchObject({ status: 2, stderr: 'joulekeep: either --meter or --point is expected\n' });
    expect(await list('--meter', '00000000000000ff')).toMatchObject({ status: 2, stdout: '' });
  }, 60_000);

  it('a dry run counts them and moves nothing', async () => {
    await world.live(2);
    world.clock.set(DUE);
    expect(await runRetention(world.as('archive'), { dryRun: true })).toMatchObject({ months: 2, days: 4 });
    expect(await objects()).toEqual([]);
    expect(await runRetention(world.as('archive'))).toMatchObject({ months: 2, days: 4 });
  });

  it('what is recorded of an archived day stands behind it, and is archived with it a month later', async () => {
    await world.live(2);
    world.clock.set(DUE);
    await runRetention(world.as('archive'));
    const [{ stream }] = (await dayStreamsOf(world.as('billing'), world.homes[0]!.options, WINDOW)) as [{ stream: string }];
    const subject = { of: 'usage', subject: 'utility', month: '2026-01' } as const;
    const store = world.as('editing').events;
    const settled = { type: 'DaySettled', data: { run: 'R14', revision: 1, at: DUE } } as const;
    await store.append(await store.head(stream, subject), { commitId: Buffer.alloc(32, 3), events: [settled], subject }).durable;
    const before = await answer();
    expect(before).toHaveLength(4);
    const [old] = await objects();
    world.clock.set(DUE + 31 * DAY_MS);
    expect(await runRetention(world.as('archive'))).toMatchObject({ months: 1, days: 2, swept: 1 });
    expect(hotDays()).toBe(0);
    expect(await objects()).toHaveLength(2);
    expect(old).toBeDefined();
    expect(await answer()).toEqual(before);
    expect(await isSound()).toBe(true);
  });

  it('R9.1-3: are erased with the key of their subject, archived or not', async () => {
    await world.live(2);
    world.clock.set(DUE);
    await runRetention(world.as('archive'));
    const archive = world.as('archive');
    const rows = await archive.keys.list('usage/utility/2026-01/');
    for (const { id } of rows) await archive.keys.destroy(id);
    expect(await answer()).toEqual([]);
    expect(await isSound()).toBe(true);
  });

  it('R9.1-3: open for nobody without an access to their subject', async () => {
    await world.live(1);
    world.clock.set(DUE);
    await runRetention(world.as('archive'));
    const billing = world.as('billing');
    const access = await openSubjectData(billing, { purpose: 'billing', from: 0, until: 4e12, subjects: ['acc-1'] });
    await expect(Array.fromAsync(meterDays(billing, world.homes[0]!.options, WINDOW, access))).rejects.toMatchObject({
      code: 'ERR_SUBJECT_SEALED',
    });
    const streams = await dayStreamsOf(billing, world.homes[0]!.options, WINDOW);
    const own = await openDays(billing, 'billing', streams);
    expect(await Array.fromAsync(meterDays(billing, world.homes[0]!.options, WINDOW, own))).toHaveLength(1);
  });

  it('C10.1-5, C10.1-7: the verifier names an archive that was altered, swapped, or is gone', async () => {
    await world.live(1);
    world.clock.set(DUE);
    const { objects: store } = world.as('archive');
    await runRetention(world.as('archive'));
    const [one, other] = (await objects()) as [string, string];
    const body = (await store.get(one))!;
    const swapped = (await store.get(other))!;
    for (const altered of [Buffer.from(body).fill(body[200]! ^ 1, 200, 201), swapped, body.subarray(0, -1)]) {
      await store.put(one, altered);
      expect((await verified(world)).filter((line) => line.includes(' altered 0'))).toHaveLength(1);
      await world.open();
      await expect(answer()).rejects.toMatchObject({ code: 'ERR_ARCHIVE_DAMAGED' });
    }
    await store.delete(one);
    expect((await verified(world)).filter((line) => line.includes(' altered 0'))).toHaveLength(1);
    await store.put(one, body);
    expect(await isSound()).toBe(true);
  });

  it.each([
    ['a commit was altered', 'UPDATE commits SET body = zeroblob(64) WHERE stream = $stream AND version = 0'],
    ['a commit is missing', 'DELETE FROM commits WHERE stream = $stream AND version > 0 AND version < $last'],
  ])('C10.1-7: no day is archived of which %s', async (_, change) => {
    await world.live(1);
    const [{ stream }] = (await dayStreamsOf(world.as('billing'), world.homes[0]!.options, WINDOW)) as [{ stream: string }];
    const subject = { of: 'usage', subject: 'utility', month: '2026-01' } as const;
    const store = world.as('editing').events;
    for (const run of ['R1', 'R2']) {
      const settled = { type: 'DaySettled', data: { run, revision: 1, at: DUE } } as const;
      await store.append(await store.head(stream, subject), { commitId: Buffer.alloc(32, 3), events: [settled], subject }).durable;
    }
    const last = (await store.head(stream, subject)).version;
    await world.platform.close();
    tamper(world, (database) => {
      const named = change.includes('$last') ? { $stream: stream, $last: last } : { $stream: stream };
      expect(Number(database.prepare(change).run(named).changes)).toBeGreaterThan(0);
    });
    await world.reopen();
    await expect(world.as('archive').events.archive([stream])).rejects.toMatchObject({ code: 'ERR_COMMIT_DAMAGED' });
    expect(await objects()).toEqual([]);
    expect(await world.as('archive').events.isHot(stream)).toBe(true);
  });

  it('only the principal archive moves them', async () => {
    await world.live(1);
    const [{ stream }] = (await dayStreamsOf(world.as('billing'), world.homes[0]!.options, WINDOW)) as [{ stream: string }];
    for (const principal of ['close-day', 'billing', 'editing', 'operator-cli'])
      await expect(world.as(principal).events.archive([stream]), principal).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
    expect(hotDays()).toBeGreaterThan(0);
  });
});
