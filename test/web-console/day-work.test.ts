import { describe, expect, it } from 'vitest';
import { DayWork } from '../../web/console/meter/day-work.ts';
import type { ApiCall, Reply } from '../../web/shared/session.ts';
import { channelOf, dayOf, entryOf, refusal, serviceOf, slotOf } from './support.ts';

const PLACE = { meterId: '0000000000000001', day: '2026-01-15' };
const CHANNEL = channelOf(0, [slotOf(0, 10, 'measured', 10), slotOf(1, 900, 'held', null)]);
const BEFORE = dayOf([CHANNEL], [entryOf(0, '2026-01-16T06:00:00Z')]);
const AFTER = dayOf([CHANNEL], [...BEFORE.history, entryOf(1, '2026-01-16T07:00:00Z', 'demo-second')]);
const FIRST = '"1-00000000000000aa"';
const SECOND = '"2-00000000000000aa"';

type Answering = (call: ApiCall, changes: number) => Reply<unknown>;

/** A day on the desk, with everything chosen, and a service whose changes are answered by `answering`. */
function deskOf(answering: Answering) {
  let changes = 0;
  const service = serviceOf((call) => {
    if (call.path.endsWith('/preview')) return { ok: true, body: { unchanged: false, needsSecondPerson: false } };
    if (call.method === 'GET') return { ok: true, body: AFTER, etag: SECOND };
    changes += 1;
    return answering(call, changes);
  });
  let keys = 0;
  const work = new DayWork(service, PLACE, { day: BEFORE, etag: FIRST }, () => `key-${++keys}`);
  work.set({ kind: 'accept', slots: [1], reason: 'validation-too-strict' });
  const sent = () => service.calls.filter(({ headers }) => headers !== undefined).map(({ headers }) => headers);
  return { work, service, sent };
}

const recorded: Reply<unknown> = { ok: true, body: { result: 'recorded', repeated: false }, etag: SECOND };

describe('a day on the desk', () => {
  it('is saved only as it was previewed', async () => {
    const { work, service, sent } = deskOf(() => recorded);
    await work.save();
    expect(sent()).toEqual([]);
    await work.look();
    expect(work.current.value).toBeDefined();
    work.set({ note: 'another thought' });
    expect(work.current.value).toBeUndefined();
    await work.save();
    expect(sent()).toEqual([]);
    await work.look();
    await work.save();
    expect(service.calls.map(({ path }) => path.split('/').at(-1))).toEqual(['preview', 'preview', 'edits', '2026-01-15']);
  });

  it('is read again after a change, and what was chosen is put away', async () => {
    const { work } = deskOf(() => recorded);
    await work.look();
    await work.save();
    expect(work.news.value).toMatchObject({ news: 'done', result: 'recorded', repeated: false });
    expect(work.seen.value).toEqual({ day: AFTER, etag: SECOND });
    expect(work.form.value.slots).toEqual([]);
  });

  it('says who was faster, keeps what was chosen, and wants a new preview', async () => {
    const { work, sent } = deskOf((_, changes) => (changes === 1 ? refusal(412) : recorded));
    await work.look();
    await work.save();
    expect(work.news.value).toEqual({ news: 'changed', by: ['demo-second'], at: '2026-01-16T07:00:00Z', what: ['SlotsEdited'] });
    expect(work.form.value.slots).toEqual([1]);
    expect(work.current.value).toBeUndefined();
    await work.look();
    await work.save();
    expect(sent()).toEqual([
      { 'if-match': FIRST, 'idempotency-key': 'key-1' },
      { 'if-match': SECOND, 'idempotency-key': 'key-2' },
    ]);
  });

  it('tries again with the same key where no answer came', async () => {
    const { work, sent } = deskOf((_, changes) => (changes === 1 ? { ok: false, status: 0, problem: undefined } : recorded));
    await work.look();
    await work.save();
    expect(work.news.value).toMatchObject({ news: 'refused', refusal: { status: 0 } });
    await work.save();
    expect(sent().map((headers) => headers!['idempotency-key'])).toEqual(['key-1', 'key-1']);
    expect(work.news.value).toMatchObject({ news: 'done' });
  });

  it.each([
    ['approveEdit', 'recorded', 'approved'],
    ['approveEdit', 'unchanged', 'unchanged'],
    ['rejectEdit', 'rejected', 'rejected'],
  ] as const)('says what became of a proposal: %s, %s', async (change, result, told) => {
    const { work } = deskOf(() => ({ ok: true, body: { result, repeated: false }, etag: SECOND }));
    await work.change({ change, edit: 1 });
    expect(work.news.value).toEqual({ news: 'done', result: told, repeated: false });
  });

  it('says beside the form that slots were measured, until something else is chosen; any other refusal is news', async () => {
    const problem = { type: 'urn:joulekeep:problem:slot-billable', title: 'x', status: 409, requestId: 'r' };
    const told: Reply<never>[] = [{ ok: false, status: 409, problem }, refusal(400)];
    const work = new DayWork(
      serviceOf((_, count) => told[count - 1]!),
      PLACE,
      { day: BEFORE, etag: FIRST },
      () => 'key',
    );
    work.set({ slots: [0], reason: 'meter-read' });
    await work.look();
    expect([work.unfit.value, work.news.value]).toEqual([true, undefined]);
    work.set({ slots: [1] });
    expect(work.unfit.value).toBe(false);
    await work.look();
    expect([work.unfit.value, work.news.value]).toMatchObject([false, { news: 'refused', refusal: { status: 400 } }]);
  });

  it('cannot be changed as it was known before', async () => {
    const service = serviceOf(() => recorded);
    const work = new DayWork(service, PLACE, { day: BEFORE, etag: undefined }, () => 'key');
    await work.change({ change: 'approveEdit', edit: 1 });
    expect(service.calls).toEqual([]);
  });
});
