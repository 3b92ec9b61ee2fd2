import { beforeEach, describe, expect, it } from 'vitest';
import type { FoundMeters, MeterView, Overview } from '../../api/console.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import { DAY_COUNTS } from '../../lambdas/project/day-counts.ts';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { ACCOUNT, ASSET, BEFORE_DAYS, EditWorld, frameOf, METER } from '../edit/edit-world.ts';
import { records } from '../meterday/days.ts';
import { contents } from '../project/following.ts';
import { ConsoleDoor } from './console-world.ts';

const OTHER_METER = '02a1b2c3d4e5f608';
const ACCESS = 'access/2026-01-21.editing';
let homes: EditWorld;
let door: ConsoleDoor;
beforeEach(async () => {
  homes = new EditWorld();
  door = new ConsoleDoor((principal) => homes.world.as(principal));
  await homes.home();
});

async function enrol(): Promise<void> {
  const at = BEFORE_DAYS;
  const none = Buffer.alloc(32);
  await runDecider(homes.world.as('keys').events, `meter/${METER}`, meter, [
    { type: 'EnrolMeter', meterId: METER, certificate: Buffer.from('none'), asset: ASSET, at },
    { type: 'AssignSegment', segment: '00007' },
    { type: 'AssignRelay', dcId: 'one', from: 0 },
    { type: 'AssignRelay', dcId: 'two', from: 0 },
    { type: 'UnassignRelay', dcId: 'two', until: at },
    { type: 'ActivateMeter', at },
    { type: 'ProposeEpoch', epoch: 3, helloHash: none, signedHash: none, accept: none, keyRow: 'r', at, suite: 1 },
    { type: 'ActivateEpoch', epoch: 3, at: at + 1 },
  ]);
}

const view = (as = 'ann', meterId = METER) => door.ask<MeterView>('showMeter', { role: 'operator', as, path: { meterId } });
const overview = async () => (await door.ask<Overview>('showOverview', { role: 'operator' })).body;

describe('meters that are looked for', () => {
  const found = async (of: string) => (await door.ask<FoundMeters>('findMeters', { role: 'operator', query: { of } })).body?.meters;

  it('are found by usage point and by account, those of now first, and nobody’s data is opened', async () => {
    await homes.home(OTHER_METER, 'up-2');
    const [one] = await found('up-1');
    expect(one).toMatchObject({ meterId: METER, usagePoint: 'up-1' });
    expect((await found(ACCOUNT)).map(({ meterId }) => meterId).sort()).toEqual([METER, OTHER_METER].sort());
    expect([await found('up-9'), await found('account-9')]).toEqual([[], []]);
    expect(homes.world.events.eventsOf(ACCESS)).toEqual([]);
  });

  it('are asked for by a name that can be one', async () => {
    for (const of of ['', '../meter/x', 'a b', 'x'.repeat(65)])
      expect((await door.ask('findMeters', { role: 'operator', query: { of } })).status, of).toBe(400);
  });
});

describe('a meter', () => {
  it('is shown with its place, its key and its days, newest first', async () => {
    await enrol();
    await homes.finalDay(frameOf(METER, '2026-01-15'));
    await homes.gappyDay(frameOf(METER, '2026-01-16'));
    await homes.project();
    const { body } = await view();
    expect(body).toMatchObject({
      ...{ meterId: METER, status: 'active', usagePoint: 'up-1', zone: 'Europe/London', area: 'north-1', meterClass: 'residential' },
      ...{ intervalMinutes: 15, segment: '00007', concentrators: ['one'], epoch: { epoch: 3 } },
    });
    expect(body.days.map(({ day, state, estimated, missing }) => [day, state, estimated + missing])).toEqual([
      ['2026-01-16', 'provisional', 4],
      ['2026-01-15', 'final', 0],
    ]);
    expect(body.days[1]!.importWh).toBeGreaterThan(0);
  });

  it('R9.1-3: whose days were looked at, and who looked, is on record before they are shown', async () => {
    await enrol();
    await homes.finalDay();
    await homes.project();
    await view('bob');
    expect(homes.world.events.eventsOf(ACCESS)).toMatchObject([
      { type: 'DataAccessed', data: { person: 'bob', purpose: 'editing', subjects: ['utility', 'acc-1'] } },
    ]);
    homes.world.events.beforeAppend = (stream) => {
      if (stream === ACCESS) throw new Error('no room');
    };
    expect((await view('bob')).status).toBeGreaterThanOrEqual(500);
  });

  it('no customer is named', async () => {
    await enrol();
    await homes.finalDay();
    await homes.project();
    expect(JSON.stringify((await view()).body)).not.toContain('acc-1');
  });

  it('that is not there is not found, and nothing is opened', async () => {
    expect((await view('ann', '02a1b2c3d4e5f6ff')).status).toBe(404);
    expect(homes.world.events.eventsOf(ACCESS)).toEqual([]);
  });

  it('that was cut off says since when and why, until it is released', async () => {
    await enrol();
    const { events, clock } = homes.world.as('keys');
    const at = clock.now();
    await runDecider(events, `meter/${METER}`, meter, { type: 'Quarantine', reason: 'flooding', at });
    expect((await view()).body).toMatchObject({
      status: 'quarantined',
      quarantine: { reason: 'flooding', since: new Date(at).toISOString() },
    });
    await runDecider(events, `meter/${METER}`, meter, { type: 'Release', at });
    expect((await view()).body).toMatchObject({ status: 'active', quarantine: null });
  });

  it('that was never installed has no days', async () => {
    const { events } = homes.world.as('keys');
    const meterId = '02a1b2c3d4e5f699';
    await runDecider(events, `meter/${meterId}`, meter, [
      { type: 'EnrolMeter', meterId, certificate: Buffer.from('none'), asset: ASSET, at: BEFORE_DAYS },
    ]);
    expect((await view('ann', meterId)).body).toMatchObject({ status: 'enrolled', usagePoint: null, epoch: null, days: [] });
    expect(homes.world.events.eventsOf(ACCESS)).toEqual([]);
  });
});

describe('validation at a glance', () => {
  it('is that of the newest day that is closed, in shares of its slots', async () => {
    expect((await overview()).validation).toBeNull();
    await homes.finalDay(frameOf(METER, '2026-01-15'));
    await homes.project();
    expect((await overview()).validation).toMatchObject({ day: '2026-01-15', days: 1, passed: 10_000, estimated: 0, missing: 0, held: 0 });
    const other = '12a1b2c3d4e5f607';
    await homes.home(other, 'up-2', 'acc-2');
    await homes.finalDay(frameOf(METER, '2026-01-16'), records(0, 96));
    await homes.gappyDay(frameOf(other, '2026-01-16', 'acc-2', 'up-2'));
    await homes.project();
    const { validation } = await overview();
    expect(validation).toMatchObject({ day: '2026-01-16', days: 2, passed: Math.round((188 * 10_000) / 192) });
    expect(validation!.estimated + validation!.missing).toBe(Math.round((4 * 10_000) / 192));
  });

  it('R9.1-3: opens nothing, and its counts are made anew as they were', async () => {
    await homes.gappyDay();
    await homes.project();
    const streams = await Array.fromAsync(homes.world.events.streams(''));
    const { validation, exceptions } = await overview();
    expect(validation).not.toBeNull();
    expect(exceptions.open).toBeGreaterThanOrEqual(0);
    expect(await Array.fromAsync(homes.world.events.streams(''))).toEqual(streams);
    const before = contents(homes.world, [DAY_COUNTS]);
    expect(JSON.stringify(before)).not.toContain('acc-1');
    await rebuildModel(homes.world.as('project'), 'days');
    expect(contents(homes.world, [DAY_COUNTS])).toEqual(before);
  });

  it('exceptions are counted as the queue has them, with the oldest', async () => {
    expect((await overview()).exceptions).toEqual({ open: 0, oldest: null, dueAt: null });
    const frame = frameOf();
    await homes.record(
      frame,
      homes.collect(
        frame,
        records(0, 96).map((one) => (one.slot === 50 ? { ...one, value: 7_000 } : one)),
      ),
    );
    await homes.project();
    const rows = (await door.ask<{ rows: { status: string; oldest: string; dueAt: string }[] }>('listExceptions')).body.rows;
    const { exceptions } = await overview();
    expect(exceptions).toEqual({ open: rows.length, oldest: rows[0]?.oldest ?? null, dueAt: rows[0]?.dueAt ?? null });
    // The day is the 15th, in winter, by the clock of London.
    expect(rows.map(({ dueAt }) => dueAt)).toEqual(rows.map(() => '2026-01-20T07:00:00.000Z'));
  });
});
