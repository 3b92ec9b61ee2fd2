import { beforeEach, describe, expect, it } from 'vitest';
import type { ExceptionPage, ExceptionRow } from '../../api/exceptions.ts';
import { closeOf, records, valueAt } from '../meterday/days.ts';
import { EditWorld, frameOf, METER } from './edit-world.ts';

const QUEUE = '/v1/exceptions';
const meterOf = (i: number) => `02a1b2c3d4e5f6${String(i).padStart(2, '0')}`;
const HOMES = 6;

let world: EditWorld;
beforeEach(async () => {
  world = new EditWorld();
  for (let i = 0; i < HOMES; i++) await world.home(meterOf(i), `up-${i}`, `acc-${i}`, i < 4 ? 'north-1' : 'south-2');
});

/** Held measurements of a meter: more than the fuse lets through, and the register says so too. */
async function heldDay(i: number, day: string): Promise<void> {
  const frame = frameOf(meterOf(i), day, `acc-${i}`, `up-${i}`);
  let register = 5_000;
  const list = records(0, 96).map(({ slot }) => {
    const value = slot === 50 ? 7_000 : valueAt(slot);
    register += value;
    return { slot, value, register };
  });
  await world.record(frame, world.collect(frame, list), closeOf(frame));
}

/** An outage that lasts: the slots behind it never came. */
async function outageDay(i: number, day: string, began = day): Promise<void> {
  const frame = frameOf(meterOf(i), day, `acc-${i}`, `up-${i}`);
  const collect = world.collect(frame, []);
  if (collect.type !== 'CollectReadings') throw new Error('readings expected');
  const from = Date.parse(`${began}T10:00Z`) / 1000;
  const outages = [{ from, until: from + 100_000 }];
  await world.record(frame, { ...collect, readings: { ...collect.readings, outages } });
  const { events } = world.world.as('close-day');
  const stream = `meterday/${meterOf(i)}/${day}`;
  const subject = { of: 'usage', subject: `acc-${i}`, month: '2026-01' } as const;
  const counts = { measured: 88, estimated: 0, edited: 0, held: 0, missing: 8 };
  const channel = { channel: 0, direction: 'import', unit: 'Wh', perCount: 1, energyWh: 9_000, ...counts } as const;
  const outcome = { revision: 1, channels: [channel], held: false, at: frame.end * 1000 + i };
  await events.append(await events.head(stream, subject), {
    commitId: Buffer.alloc(32, i + 1),
    events: [{ type: 'DayProvisional', data: outcome }],
    subject,
  }).durable;
}

const list = (query: Readonly<Record<string, string>> = {}, as = 'ann') => world.ask<ExceptionPage>('GET', QUEUE, { query, as });

describe('the queue', () => {
  beforeEach(async () => {
    for (let i = 0; i < HOMES; i++) await outageDay(i, '2026-01-14');
    await outageDay(5, '2026-01-15', '2026-01-14');
    await heldDay(0, '2026-01-15');
    await heldDay(1, '2026-01-15');
    await heldDay(0, '2026-01-16');
    await world.project();
  });

  it('has one row for an outage, whatever it hit, and one for a cause and day', async () => {
    const { rows, cursor } = (await list()).body;
    expect(cursor).toBeUndefined();
    expect(rows.map(({ cause, days, meters, status }) => `${cause} ${days} ${meters} ${status}`).sort()).toEqual([
      'outage/2026-01-14T10:00Z 2026-01-14,2026-01-15 6 open',
      'rule/V08 2026-01-15 2 open',
      'rule/V08 2026-01-16 1 open',
    ]);
    expect(rows.map(({ oldest }) => oldest)).toEqual(rows.map(({ oldest }) => oldest).sort());
    const outage = rows.find(({ cause }) => cause.startsWith('outage/'))!;
    const { body } = await world.ask<ExceptionRow>('GET', `${QUEUE}/${outage.row}`);
    expect(body.exceptions).toHaveLength(HOMES + 1);
    expect([...new Set(body.exceptions.map(({ meterId }) => meterId))].sort()).toEqual(Array.from({ length: HOMES }, (_, i) => meterOf(i)));
  });

  it('is filtered by cause, area, age, status and assignee', async () => {
    const causes = async (query: Readonly<Record<string, string>>) =>
      (await list(query)).body.rows.map(({ cause, meters }) => `${cause} ${meters}`);
    expect(await causes({ cause: 'rule' })).toEqual(['rule/V08 2', 'rule/V08 1']);
    expect(await causes({ area: 'south-2' })).toEqual(['outage/2026-01-14T10:00Z 2']);
    expect(await causes({ area: 'west' })).toEqual([]);
    expect(await causes({ from: '2026-01-16' })).toEqual(['rule/V08 1']);
    expect(await causes({ olderThanHours: '152' })).toHaveLength(1);
    expect(await causes({ olderThanHours: '1000' })).toEqual([]);
    expect(await causes({ status: 'closed' })).toEqual([]);
    const [row] = (await list({ cause: 'outage' })).body.rows;
    await world.ask('POST', `${QUEUE}/${row!.row}/assignee`, { body: { to: 'bob' } });
    expect(await causes({ assignee: 'bob' })).toEqual(['outage/2026-01-14T10:00Z 6']);
    expect(await causes({ status: 'assigned' })).toEqual(['outage/2026-01-14T10:00Z 6']);
  });

  it('comes in pages that lose and repeat nothing', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await list({ limit: '1', ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...body.rows.map(({ row }) => row));
      cursor = body.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual((await list()).body.rows.map(({ row }) => row));
  });

  it('R9.2-4, H2: a page goes on for whoever got it, with the filter it was got with, and for nobody else', async () => {
    const cursor = (await list({ limit: '1' })).body.cursor!;
    expect((await list({ limit: '1', cursor })).status).toBe(200);
    const [payload, mac] = cursor.split('.') as [string, string];
    const place = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const moved = Buffer.from(JSON.stringify({ ...place, from: '2000-01-01' })).toString('base64url');
    const refused = [
      list({ limit: '1', cursor }, 'bob'),
      list({ limit: '1', cursor, area: 'south-2' }),
      list({ cursor: `${moved}.${mac}` }),
      list({ cursor: `${payload}.${'A'.repeat(22)}` }),
      list({ cursor: payload }),
      list({ cursor: 'x' }),
    ];
    for (const told of await Promise.all(refused))
      expect(told).toMatchObject({ status: 400, problem: { type: 'urn:joulekeep:problem:request-invalid' } });
  });

  it('gives a row to a person once, and takes it back', async () => {
    const [row] = (await list({ cause: 'outage' })).body.rows;
    const path = `${QUEUE}/${row!.row}/assignee`;
    for (let i = 0; i < 2; i++)
      expect((await world.ask<ExceptionRow>('POST', path, { body: { to: 'bob' } })).body).toMatchObject({
        assignee: 'bob',
        status: 'assigned',
      });
    const { body } = await world.ask<ExceptionRow>('POST', path, { body: { to: null }, as: 'carol' });
    expect([body.status, body.assignee]).toEqual(['open', undefined]);
    expect(world.world.events.eventsOf(`exception/${row!.row}`)).toMatchObject([
      { type: 'ExceptionAssigned', data: { to: 'bob', by: 'ann' } },
      { type: 'ExceptionAssigned', data: { to: null, by: 'carol' } },
    ]);
  });

  it.each([
    ['that nobody has', Buffer.from('rule/V08 2026-01-19').toString('base64url')],
    ['of no cause', Buffer.from('2026-01-15').toString('base64url')],
    ['of no day', Buffer.from('rule/V08 2026-99-99').toString('base64url')],
    ['in another spelling', Buffer.from('rule/V08 2026-01-15').toString('base64url').replace(/Q$/, 'R')],
    ['of another stream', Buffer.from(`../meterday/${METER}/2026-01-15`).toString('base64url')],
  ])('a row %s is not there, and nobody gets it', async (_, row) => {
    expect((await world.ask('GET', `${QUEUE}/${row}`)).status).toBe(404);
    expect((await world.ask('POST', `${QUEUE}/${row}/assignee`, { body: { to: 'bob' } })).status).toBe(404);
    expect(world.world.events.eventsOf(`exception/${row}`)).toEqual([]);
  });

  it.each([
    { limit: '0' },
    { limit: '201' },
    { limit: '1e2' },
    { from: '2026-13-01' },
    { from: '2026-01-02', until: '2026-01-01' },
    { from: '1999-01-01' },
    { status: 'x' },
    { area: 'a/b' },
    { cause: "'--" },
    { page: '2' },
  ])('H7: refuses the query %j', async (query) => {
    expect((await list(query as unknown as Record<string, string>)).status).toBe(400);
  });
});

it('a row says how many of its meters are open', async () => {
  for (const i of [0, 1]) await heldDay(i, '2026-01-15');
  await world.project();
  const open = async () => (await list({ cause: 'rule' })).body.rows.map(({ meters, openMeters, status }) => [meters, openMeters, status]);
  expect(await open()).toEqual([[2, 2, 'open']]);
  const accept = { kind: 'accept', channel: 0, slots: [50], reason: 'validation-too-strict', note: '' } as const;
  for (const [i, left] of [
    [0, [2, 1, 'open']],
    [1, [2, 0, 'closed']],
  ] as const) {
    await world.change('/edits', accept, {}, `/v1/days/${meterOf(i)}/2026-01-15`);
    await world.project();
    expect(await open()).toEqual([left]);
  }
});

describe('a proposal', () => {
  it('shows who made it, on the row that waits', async () => {
    await heldDay(0, '2026-01-15');
    const path = `/v1/days/${meterOf(0)}/2026-01-15`;
    await world.project();
    expect((await list()).body.rows[0]).toMatchObject({ status: 'open' });
    await world.change('/edits', { kind: 'accept', channel: 0, slots: [50], reason: 'validation-too-strict', note: '' }, {}, path);
    await world.project();
    const rows = (await list()).body.rows.map(({ status }) => status);
    expect(rows).toEqual(['closed']);
  });
});
