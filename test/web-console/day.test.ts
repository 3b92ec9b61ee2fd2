import { describe, expect, it } from 'vitest';
import { EDIT_METHODS, EDIT_REASONS, EditRequest } from '../../api/edits.ts';
import { FLAG } from '../../protocol/plaintext.ts';
import { type EditForm, faultsOf, intentFaults, METHODS, planOf, REASONS, requestOf, valuesOf } from '../../web/console/model/edit-form.ts';
import { proposedChange } from '../../web/console/model/proposal.ts';
import { flagWords, highestOf, markOf, runsOf, slotsFor, toggled } from '../../web/console/model/slots.ts';
import { authorsOf, ChangeKeys, changeDay, recordedSince, seeDay, stopsOf } from '../../web/console/model/versioned.ts';
import { channelOf, dayOf, entryOf, refusal, serviceOf, slotOf } from './support.ts';

const FORM: EditForm = { kind: 'values', method: 'E4', channel: 0, slots: [3, 4], values: '10 20', reason: 'meter-read', note: '' };

describe('slots of a day', () => {
  const channel = channelOf(0, [
    slotOf(0, 10, 'measured', 10),
    slotOf(1, 900, 'held', null),
    slotOf(2, null, 'missing', null),
    slotOf(3, null, 'E4', 12),
    slotOf(4, 700, 'E4', 13),
    slotOf(5, 800, 'measured', 800, true),
  ]);

  it('are measured, held, missing, estimated or edited', () => {
    expect(channel.slots.map(markOf)).toEqual(['measured', 'held', 'missing', 'estimated', 'estimated', 'edited']);
  });

  it('can be accepted where something was measured that does not count', () => {
    expect(slotsFor(channel, 'accept')).toEqual([1, 4]);
  });

  it('want an estimate where nothing counts', () => {
    expect(slotsFor(channel, 'estimate')).toEqual([1, 2]);
  });

  it('are selected in spans that a second time takes away', () => {
    expect(toggled([1], 5, 3)).toEqual([1, 3, 4, 5]);
    expect(toggled([1, 3, 4, 5], 3, 4)).toEqual([1, 5]);
    expect(toggled([3], 3, 4)).toEqual([3, 4]);
  });

  it('are told as runs', () => {
    expect(runsOf([0, 1, 2, 5, 7, 8])).toEqual([
      [0, 2],
      [5, 5],
      [7, 8],
    ]);
  });

  it('have flags in the words of the protocol', () => {
    expect(flagWords(FLAG.resent | FLAG.outage)).toEqual(['resent', 'outage']);
    expect(flagWords(FLAG.clockDoubtful | FLAG.reset | FLAG.memoryError | FLAG.testMode)).toHaveLength(4);
  });

  it('are drawn lane by lane, each as high as its own highest', () => {
    expect([highestOf(channel, 'raw'), highestOf(channel, 'final')]).toEqual([900, 800]);
    expect(highestOf(channelOf(0, []), 'raw')).toBe(1);
  });
});

describe('a proposal', () => {
  const day = dayOf([
    channelOf(0, [slotOf(0, 5, 'measured', 5)]),
    channelOf(2, [slotOf(0, 10, 'measured', 10), slotOf(1, null, 'missing', null)]),
  ]);
  const proposal = (channel: number, slots: number[], energyWh: (number | null)[]) => ({
    ...{ edit: 1, kind: 'values' as const, channel, slots, energyWh, reason: 'meter-read', note: '', by: 'ann' },
    ...{ at: '2026-01-16T06:00:00Z', undone: false },
  });

  it('stands beside what counts now in its own channel, with the whole difference', () => {
    expect(proposedChange(day, proposal(2, [0, 1], [77, 3]))).toEqual({
      unit: 'Wh',
      slots: [
        { slot: 0, before: 10, after: 77 },
        { slot: 1, before: null, after: 3 },
      ],
      difference: 70,
    });
  });

  it('that leaves nothing billable takes away what stands', () => {
    expect(proposedChange(day, proposal(2, [0], [null]))).toMatchObject({ slots: [{ before: 10, after: null }], difference: -10 });
  });
});

describe('the form of an edit', () => {
  it('offers every method and reason of the contract', () => {
    expect(METHODS).toEqual(EDIT_METHODS);
    expect(REASONS).toEqual(EDIT_REASONS);
  });

  it.each([['accept'], ['estimate'], ['values'], ['agreed']] as const)('makes a request that the contract takes: %s', (kind) => {
    const request = requestOf({ ...FORM, kind }, 1);
    expect(EditRequest.parse(request)).toEqual(request);
    expect(request!.kind).toBe(kind);
  });

  it.each([
    [{ slots: [] as number[], kind: 'accept' }, ['no-slots']],
    [{ reason: '' }, ['no-reason']],
    [{ reason: 'other', note: '  ' }, ['note-wanted']],
    [{ values: '10 x' }, ['values-number']],
    [{ values: '10 -1' }, ['values-whole']],
    [{ values: '10 1.5' }, ['values-whole']],
    [{ values: '1 2 3' }, ['values-count']],
    [{ values: '' }, ['values-count']],
  ] as const)('says what is wrong: %j', (change, faults) => {
    const form = { ...FORM, ...change } as EditForm;
    expect(faultsOf(form, 1)).toEqual(faults);
    expect(requestOf(form, 1)).toBeUndefined();
  });

  it('refuses energy that the meter cannot count', () => {
    expect(faultsOf({ ...FORM, values: '10 25' }, 10)).toEqual(['values-step']);
    expect(faultsOf({ ...FORM, values: '10 20' }, 10)).toEqual([]);
  });

  it('takes one value for all slots', () => {
    expect(valuesOf('5', 3)).toEqual([5, 5, 5]);
    expect(valuesOf('1, 2;3\n4', 4)).toEqual([1, 2, 3, 4]);
  });
});

describe('what a person is about to do', () => {
  const reasoned = { reason: 'meter-read', note: '' };

  it('is previewed as it is saved', () => {
    const edit = planOf({ does: 'edit' }, FORM, 1);
    expect(edit).toEqual({ preview: requestOf(FORM, 1), change: { change: 'editDay', body: requestOf(FORM, 1) } });
    expect(planOf({ does: 'undo', edit: 3 }, FORM, 1)).toEqual({
      preview: { kind: 'undo', edit: 3, ...reasoned },
      change: { change: 'undoEdit', edit: 3, body: reasoned },
    });
    expect(planOf({ does: 'finalize' }, FORM, 1)).toEqual({
      preview: { kind: 'finalize', ...reasoned },
      change: { change: 'finalizeDay', body: reasoned },
    });
  });

  it('wants no slots where none are named', () => {
    expect(intentFaults({ does: 'edit' }, { ...FORM, slots: [], values: '' }, 1)).toEqual(['no-slots']);
    expect(intentFaults({ does: 'finalize' }, { ...FORM, slots: [] }, 1)).toEqual([]);
    expect(intentFaults({ does: 'undo', edit: 1 }, { ...FORM, reason: '' }, 1)).toEqual(['no-reason']);
    expect(planOf({ does: 'undo', edit: 1 }, { ...FORM, reason: '' }, 1)).toBeUndefined();
  });
});

describe('a change of a day', () => {
  const seen = { etag: '"3-00000000000000aa"', key: 'k'.repeat(16) };
  const place = { meterId: '0000000000000001', day: '2026-01-15.2' };

  it('names the version, the key and the edit', async () => {
    const service = serviceOf(() => refusal(412));
    const body = { reason: 'mistake', note: '' } as const;
    await changeDay(service, place, seen, { change: 'undoEdit', edit: 4, body });
    await changeDay(service, place, seen, { change: 'approveEdit', edit: 5 });
    const headers = { 'if-match': seen.etag, 'idempotency-key': seen.key };
    expect(service.calls).toEqual([
      { method: 'POST', path: '/v1/days/0000000000000001/2026-01-15.2/edits/4/undo', body, headers },
      { method: 'POST', path: '/v1/days/0000000000000001/2026-01-15.2/edits/5/approve', body: {}, headers },
    ]);
  });

  it('keeps its key until it is done', () => {
    let made = 0;
    const keys = new ChangeKeys(() => `key-${++made}`);
    expect([keys.of('a'), keys.of('a'), keys.of('b'), keys.of('a')]).toEqual(['key-1', 'key-1', 'key-2', 'key-3']);
    keys.done();
    expect(keys.of('a')).toBe('key-4');
  });

  it('knows who was faster', () => {
    const before = dayOf([], [entryOf(0, '2026-01-16T06:00:00Z')]);
    const now = dayOf([], [...before.history, entryOf(1, '2026-01-16T07:00:00Z', 'demo-operator'), entryOf(2, '2026-01-16T07:00:00Z')]);
    const since = recordedSince(before, now);
    expect(since.map(({ version }) => version)).toEqual([1, 2]);
    expect(authorsOf(since)).toEqual(['demo-operator', undefined]);
    expect(recordedSince(now, now)).toEqual([]);
  });

  it('names no version of a day as it was known before', async () => {
    const service = serviceOf(() => ({ ok: true, body: dayOf([]), etag: seen.etag }));
    expect(await seeDay(service, place)).toMatchObject({ body: { etag: seen.etag } });
    expect(await seeDay(service, place, '2026-01-16T06:00:00Z')).toMatchObject({ body: { etag: undefined } });
    expect(service.calls.map(({ query }) => query)).toEqual([undefined, { at: '2026-01-16T06:00:00Z' }]);
  });

  it('can be looked back at where something was recorded', () => {
    const history = [entryOf(0, '2026-01-16T06:00:00Z'), entryOf(1, '2026-01-16T06:00:00Z'), entryOf(2, '2026-01-17T06:00:00Z')];
    expect(stopsOf(dayOf([], history))).toEqual(['2026-01-16T06:00:00Z', '2026-01-17T06:00:00Z']);
  });
});
