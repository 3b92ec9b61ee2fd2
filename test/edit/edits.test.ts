import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Day } from '../../api/days.ts';
import type { Edited } from '../../api/edits.ts';
import type { DataAccessed } from '../../events/index.ts';
import { close, records, registerAt, sumOf, valueAt, verified } from '../meterday/days.ts';
import { ACCOUNT, EditWorld, frameOf, METER, PATH } from './edit-world.ts';

let world: EditWorld;
beforeEach(async () => {
  world = new EditWorld();
  await world.home();
});

const WHY = { reason: 'meter-read', note: 'seen on site' } as const;
const GAP = [40, 41, 42, 43];
const values = (slots: readonly number[], energyWh: readonly number[]) => ({ kind: 'values', channel: 0, slots, energyWh, ...WHY });

describe('a day as a person sees it', () => {
  it('has both lanes, and who looked is recorded before it opens', async () => {
    await world.gappyDay();
    const { body, status, etag } = await world.ask<Day>('GET', PATH);
    expect(status).toBe(200);
    expect(etag).toMatch(/^"\d+-[0-9a-f]{16}"$/);
    const [channel] = body.channels;
    expect(channel).toMatchObject({ measured: 92, estimated: 4, energyWh: sumOf(0, 96), registerWh: sumOf(0, 96) });
    expect(channel!.slots[41]).toMatchObject({ raw: { energyWh: null }, final: { scaled: true, edited: false } });
    expect(channel!.slots[3]).toMatchObject({ raw: { energyWh: valueAt(3) }, final: { energyWh: valueAt(3), source: 'measured' } });
    const accesses = world.world.events.eventsOf('access/2026-01-21.editing').map(({ data }) => data as DataAccessed);
    expect(accesses).toEqual([expect.objectContaining({ purpose: 'editing', person: 'ann', principal: 'editing', subjects: [ACCOUNT] })]);
  });

  it('stands as it was known at an instant', async () => {
    const before = world.world.clock.now();
    await world.gappyDay();
    world.world.clock.advance(60_000);
    await world.change('/edits', values(GAP, [1, 2, 3, 4]));
    const { body } = await world.ask<Day>('GET', PATH, { query: { at: new Date(before).toISOString() } });
    expect(body.edits).toEqual([]);
    expect(body.channels[0]).toMatchObject({ edited: 0, estimated: 4 });
    expect((await world.ask('GET', PATH, { query: { at: '2026-01-01T00:00:00Z' } })).status).toBe(404);
    expect((await world.ask<Day>('GET', PATH)).body.history.map(({ type }) => type)).toEqual([
      ...body.history.map(({ type }) => type),
      'SlotsEdited',
      'DayProvisional',
    ]);
  });

  it("that nobody has looks like one that cannot be, and opens nobody's data", async () => {
    const unknown = [
      '00112233445566aa/2026-01-15',
      `${METER}/2026-01-16`,
      `${METER}/2026-02-30`,
      `${METER.toUpperCase()}/2026-01-15`,
      'x/y',
    ];
    const told = await Promise.all(unknown.map((name) => world.ask('GET', `/v1/days/${name}`)));
    expect(new Set(told.map(({ problem: { requestId: _, ...rest } }) => JSON.stringify(rest))).size).toBe(1);
    expect(told[0]).toMatchObject({ status: 404, problem: { type: 'urn:joulekeep:problem:not-found' } });
    expect(world.world.events.eventsOf('access/2026-01-21.editing')).toEqual([]);
  });
});

describe('editing', () => {
  it('values by hand stand at once while the day is not final', async () => {
    await world.gappyDay();
    const { body } = await world.change<Edited>('/edits', values(GAP, [1, 2, 3, 4]));
    expect(body).toMatchObject({
      result: 'recorded',
      edit: 1,
      repeated: false,
      channels: [{ edited: 4, energyWh: sumOf(0, 40) + sumOf(44, 96) + 10 }],
    });
    const { body: day } = await world.ask<Day>('GET', PATH);
    expect(day.edits).toMatchObject([{ edit: 1, by: 'ann', ...WHY, slots: GAP, energyWh: [1, 2, 3, 4], undone: false }]);
  });

  it('an estimate by a chosen method is scaled by the register, and an unfit method says so', async () => {
    await world.gappyDay();
    const estimate = (method: string) => ({ kind: 'estimate', channel: 0, slots: GAP, method, ...WHY });
    const { body } = await world.change<Edited>('/edits', estimate('E2'));
    expect(body).toMatchObject({ result: 'recorded', channels: [{ edited: 4, energyWh: sumOf(0, 96) }] });
    expect((await world.ask<Day>('GET', PATH)).body.channels[0]!.slots[41]!.final).toMatchObject({
      source: 'E2',
      scaled: true,
      edited: true,
    });
    expect((await world.change('/edits', estimate('E3'))).problem).toMatchObject({
      status: 422,
      type: 'urn:joulekeep:problem:method-unfit',
    });
  });

  it('an estimate never stands above a billable measurement', async () => {
    await world.gappyDay();
    const estimate = { kind: 'estimate', channel: 0, slots: [3], method: 'E10', ...WHY };
    expect([409, 422]).toContain((await world.change('/edits', estimate)).status);
    expect((await world.day()).edits).toEqual([]);
  });

  it('accepts held measurements, and nothing where nothing was measured', async () => {
    const blown = 7_000;
    const list = records(0, 96).map(({ slot, value }) => ({
      slot,
      value: slot === 50 ? blown : value,
      register: registerAt(slot) + (slot < 50 ? 0 : blown - valueAt(50)),
    }));
    await world.record(frameOf(), world.collect(frameOf(), list), verified, close());
    const held = (await world.ask<Day>('GET', PATH)).body;
    expect(held).toMatchObject({ held: true });
    const slots = held.channels[0]!.slots.filter(({ errors }) => errors.length > 0).map(({ slot }) => slot);
    expect(slots).toContain(50);
    const { body } = await world.change<Edited>('/edits', { kind: 'accept', channel: 0, slots, ...WHY });
    expect(body).toMatchObject({ result: 'recorded', channels: [{ held: 0, edited: slots.length }] });
    const other = frameOf(METER, '2026-01-16');
    await world.gappyDay(other);
    const empty = await world.change('/edits', { kind: 'accept', channel: 0, slots: GAP, ...WHY }, {}, `/v1/days/${METER}/2026-01-16`);
    expect(empty.problem).toMatchObject({ status: 409, type: 'urn:joulekeep:problem:nothing-to-accept' });
  });

  it.each([
    ['slots that fall', values([5, 4], [1, 1]), 422],
    ['a slot outside the day', values([96], [1]), 422],
    ['a value too few', values([40, 41], [1]), 422],
    ['a channel that is not there', { ...values([40], [1]), channel: 3 }, 422],
    ['no slots', values([], []), 400],
    ['a negative value', values([40], [-1]), 400],
    ['a fraction', values([40], [1.5]), 400],
    ['a reason that is not on the list', { ...values([40], [1]), reason: 'because' }, 400],
    ['reason other without a note', { ...values([40], [1]), reason: 'other', note: ' ' }, 400],
    ['a field nobody expects', { ...values([40], [1]), by: 'bob' }, 400],
    ['another author by prototype', JSON.parse('{"__proto__":{"by":"bob"},"kind":"values"}'), 400],
    ['a list', [values([40], [1])], 400],
    ['nothing', undefined, 400],
  ])('refuses %s', async (_, body, status) => {
    await world.gappyDay();
    const told = await world.change('/edits', body);
    expect(told.status).toBe(status);
    expect((await world.day()).edits).toEqual([]);
  });
});

describe('two persons', () => {
  beforeEach(() => world.finalDay());
  const supervisor = (as: string) => ({ as, role: 'supervisor' }) as const;
  it('a final day waits for a second, different one', async () => {
    const proposed = await world.change<Edited>('/edits', values([5], [77]), supervisor('ann'));
    expect(proposed.body).toMatchObject({ result: 'proposed', edit: 1, channels: [{ energyWh: sumOf(0, 96) }] });
    expect((await world.change('/edits/1/approve', {}, supervisor('ann'))).problem).toMatchObject({
      status: 409,
      type: 'urn:joulekeep:problem:second-person',
    });
    expect((await world.change('/edits/1/approve', {}, { as: 'bob', role: 'operator' })).status).toBe(403);
    expect((await world.day()).outcome?.channels[0]?.energyWh).toBe(sumOf(0, 96));
    const approved = await world.change<Edited>('/edits/1/approve', {}, supervisor('bob'));
    expect(approved.body).toMatchObject({ result: 'recorded', edit: 1, channels: [{ energyWh: sumOf(0, 96) - valueAt(5) + 77 }] });
    expect((await world.day()).edits).toMatchObject([{ by: 'ann', approvedBy: 'bob' }]);
  });

  it('who proposed cannot approve with the certificate of another role', async () => {
    await world.change('/edits', values([5], [77]), { as: 'ann', role: 'operator' });
    expect((await world.change('/edits/1/approve', {}, supervisor('ann'))).status).toBe(409);
  });

  it('a rejected proposal changes nothing, and is gone', async () => {
    await world.change('/edits', values([5], [77]));
    expect((await world.change<Edited>('/edits/1/reject', {}, supervisor('bob'))).body).toMatchObject({ result: 'rejected', edit: 1 });
    expect((await world.change('/edits/1/approve', {}, supervisor('bob'))).status).toBe(404);
    expect((await world.day()).outcome?.channels[0]?.energyWh).toBe(sumOf(0, 96));
  });

  it('C10.1-1: an operator takes back what they proposed, and nothing that somebody else did', async () => {
    await world.change('/edits', values([5], [77]), { as: 'ann', role: 'operator' });
    expect((await world.change('/edits/1/reject', {}, { as: 'bob', role: 'operator' })).status).toBe(403);
    const withdrawn = await world.change<Edited>('/edits/1/reject', {}, { as: 'ann', role: 'operator' });
    expect(withdrawn.body).toMatchObject({ result: 'rejected', edit: 1 });
  });

  it('undoing waits as well', async () => {
    await world.change('/edits', values([5], [77]));
    await world.change('/edits/1/approve', {}, supervisor('bob'));
    const undone = await world.change<Edited>('/edits/1/undo', { reason: 'mistake', note: '' }, supervisor('bob'));
    expect(undone.body).toMatchObject({ result: 'proposed', edit: 2 });
    await world.change('/edits/2/approve', {}, supervisor('carol'));
    expect((await world.day()).outcome?.channels[0]?.energyWh).toBe(sumOf(0, 96));
  });
});

describe('once, and only what was seen', () => {
  beforeEach(() => world.gappyDay());

  it('the same request twice is one edit, also after others and at the same time', async () => {
    const ifMatch = await world.etag();
    const asked = { key: randomUUID(), ifMatch };
    const both = await Promise.all([1, 2].map(() => world.change<Edited>('/edits', values(GAP, [1, 2, 3, 4]), asked)));
    expect(both.map(({ body }) => body.repeated).sort()).toEqual([false, true]);
    await world.change('/edits', values([41], [9]));
    const again = await world.change<Edited>('/edits', values(GAP, [1, 2, 3, 4]), asked);
    expect(again.body).toMatchObject({ result: 'recorded', edit: 1, repeated: true });
    expect((await world.day()).edits).toHaveLength(2);
  });

  it('the same request again does not bring back what was undone', async () => {
    const asked = { key: randomUUID(), ifMatch: await world.etag() };
    await world.change('/edits', values(GAP, [1, 2, 3, 4]), asked);
    await world.change('/edits/1/undo', { reason: 'mistake', note: '' });
    expect((await world.change<Edited>('/edits', values(GAP, [1, 2, 3, 4]), asked)).body).toMatchObject({ edit: 1, repeated: true });
    expect((await world.day()).edits.map(({ kind }) => kind)).toEqual(['values', 'undo']);
  });

  it('a key stands for one request of one person', async () => {
    const asked = { key: randomUUID(), ifMatch: await world.etag() };
    await world.change('/edits', values(GAP, [1, 2, 3, 4]), asked);
    expect((await world.change('/edits', values(GAP, [5, 5, 5, 5]), asked)).problem).toMatchObject({
      status: 422,
      type: 'urn:joulekeep:problem:key-reused',
    });
    expect((await world.change('/edits', values(GAP, [1, 2, 3, 4]), { ...asked, as: 'bob' })).status).toBe(412);
  });

  it('a day that changed since it was seen stays as it is', async () => {
    const ifMatch = await world.etag();
    await world.record(frameOf(), world.collect(frameOf(), records(40, 42)), close());
    expect((await world.change('/edits', values(GAP, [1, 2, 3, 4]), { ifMatch })).problem).toMatchObject({
      status: 412,
      type: 'urn:joulekeep:problem:changed-meanwhile',
    });
  });

  it('of two changes of what two persons saw, one stands', async () => {
    const ifMatch = await world.etag();
    const told = await Promise.all(['ann', 'bob'].map((as, i) => world.change('/edits', values(GAP, [i, 1, 1, 1]), { as, ifMatch })));
    expect(told.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await world.day()).edits).toHaveLength(1);
  });

  it.each([
    ['no version', { ifMatch: undefined }, 428],
    ['any version', { ifMatch: '*' }, 400],
    ['no key', { key: undefined }, 400],
    ['a key too short to be unique', { key: 'abc' }, 400],
    ['two keys', { key: `${randomUUID()}, ${randomUUID()}` }, 400],
  ])('refuses a change with %s', async (_, headers, status) => {
    const ifMatch = await world.etag();
    const told = await world.ask('POST', `${PATH}/edits`, {
      key: randomUUID(),
      ifMatch,
      ...(headers as object),
      body: values(GAP, [1, 2, 3, 4]),
    });
    expect(told.status).toBe(status);
    expect((await world.day()).edits).toEqual([]);
  });
});

describe('hostile input', () => {
  const INJECTIONS = [
    `'; DROP TABLE items; --`,
    '<script>alert(1)</script>',
    '{{constructor.constructor("return process")()}}',
    '$' + '{jndi:ldap://x/y}',
    '../../etc/passwd',
    '\u0000\u202e\r\nx-injected: 1',
    '=cmd|calc!A1',
    '__proto__',
  ];

  it('H7: a note comes back as the text it is, to the last character', async () => {
    await world.gappyDay();
    for (const [i, note] of INJECTIONS.entries()) await world.change('/edits', { ...values([40], [i + 1]), note });
    const { body } = await world.ask<Day>('GET', PATH);
    expect(body.edits.map(({ note }) => note)).toEqual(INJECTIONS);
  });

  it('H7: in every other field it is refused, repeated to nobody and logged nowhere', async () => {
    await world.gappyDay();
    const fields = ['kind', 'channel', 'slots', 'energyWh', 'reason'];
    for (const text of INJECTIONS) {
      for (const field of [...fields, text]) {
        const told = await world.change('/edits', { ...values([40], [1]), [field]: text });
        // An object literal's own __proto__ of JSON is a field like any other.
        expect(told.status, field).toBe(400);
        expect(JSON.stringify(told.body)).not.toContain(JSON.stringify(text).slice(1, -1));
      }
      for (const asked of [{ key: text }, { ifMatch: text }])
        expect((await world.change('/edits', values([40], [1]), asked)).status).toBe(400);
      expect((await world.ask('GET', PATH, { query: { at: text } })).status).toBe(400);
      expect((await world.ask('GET', PATH, { query: { [text]: '1' } })).status).toBe(400);
    }
    const log = JSON.stringify(world.world.logged);
    for (const text of INJECTIONS) expect(log).not.toContain(JSON.stringify(text).slice(1, -1));
    expect((await world.day()).edits).toEqual([]);
  });

  it.each(['', '{', '{"kind":"values"', 'null', '"values"', '[]', `${'['.repeat(20_000)}`])('bad JSON %# is refused', async (text) => {
    await world.gappyDay();
    expect((await world.ask('POST', `${PATH}/edits`, { key: randomUUID(), ifMatch: await world.etag(), text })).status).toBe(400);
  });
});
