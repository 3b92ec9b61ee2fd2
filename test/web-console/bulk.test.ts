import { describe, expect, it } from 'vitest';
import type { ExceptionRow } from '../../api/exceptions.ts';
import { type BulkOrder, type BulkTools, editsOf, placesOf, runBulk, wholeRows } from '../../web/console/model/bulk.ts';
import type { ApiCall, Caller, Reply } from '../../web/shared/session.ts';
import { channelOf, dayOf, refusal, serviceOf, slotOf } from './support.ts';

const ORDER: BulkOrder = { kind: 'accept', method: 'E4', reason: 'validation-too-strict', note: '' };
const HELD = dayOf([channelOf(0, [slotOf(0, 10, 'measured', 10), slotOf(1, 900, 'held', null)])]);
const [FIRST, SECOND] = [
  { meterId: '0000000000000001', day: '2026-01-15' },
  { meterId: '0000000000000002', day: '2026-01-15' },
];
const edited = (result: string): Reply<unknown> => ({ ok: true, body: { result }, etag: '"2-00000000000000aa"' });
const seen = (body: unknown = HELD): Reply<unknown> => ({ ok: true, body, etag: '"1-00000000000000aa"' });

function toolsOf(requests: Caller, stopped = () => false): BulkTools & { readonly pauses: number[]; readonly told: string[] } {
  const [pauses, told]: [number[], string[]] = [[], []];
  let keys = 0;
  const pause = async (ms: number) => void pauses.push(ms);
  const newKey = () => `key-${String(++keys).padStart(16, '0')}`;
  return { requests, pauses, told, stopped, newKey, pause, onResult: ({ outcome }) => void told.push(outcome) };
}

const edits = (calls: readonly ApiCall[]) => calls.filter(({ method }) => method === 'POST');

describe('bulk accept and estimate', () => {
  it('asks each day for its version and names it in the change', async () => {
    const service = serviceOf(({ method }) => (method === 'GET' ? seen() : edited('recorded')));
    const results = await runBulk(toolsOf(service), [FIRST!, SECOND!], ORDER);
    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(service.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/days/0000000000000001/2026-01-15',
      'POST /v1/days/0000000000000001/2026-01-15/edits',
      'GET /v1/days/0000000000000002/2026-01-15',
      'POST /v1/days/0000000000000002/2026-01-15/edits',
    ]);
    const [one, two] = edits(service.calls);
    expect(one!.headers!['if-match']).toBe('"1-00000000000000aa"');
    expect(one!.body).toEqual({ kind: 'accept', channel: 0, slots: [1], reason: 'validation-too-strict', note: '' });
    expect(one!.headers!['idempotency-key']).not.toBe(two!.headers!['idempotency-key']);
  });

  it('goes on behind a refusal, and says why it was refused', async () => {
    const service = serviceOf(({ method, path }) => {
      if (method === 'GET') return seen();
      return path.includes('0001') ? refusal(412, 'changed meanwhile') : edited('proposed');
    });
    const results = await runBulk(toolsOf(service), [FIRST!, SECOND!], ORDER);
    expect(results).toEqual([
      { ...FIRST, outcome: 'refused', why: 'changed meanwhile' },
      { ...SECOND, outcome: 'second-person' },
    ]);
  });

  it('says that nothing was done where a day has nothing of the kind', async () => {
    const service = serviceOf(() => seen(dayOf([channelOf(0, [slotOf(0, 10, 'measured', 10)])])));
    const results = await runBulk(toolsOf(service), [FIRST!], ORDER);
    expect(results).toEqual([{ ...FIRST, outcome: 'nothing' }]);
    expect(edits(service.calls)).toEqual([]);
  });

  it('sends the same change with the same key while the service is busy', async () => {
    const service = serviceOf(({ method }, count) => (method === 'GET' ? seen() : count < 4 ? refusal(429) : edited('recorded')));
    const tools = toolsOf(service);
    const results = await runBulk(tools, [FIRST!], ORDER);
    expect(results[0]!.outcome).toBe('done');
    expect(tools.pauses).toEqual([3_000, 6_000]);
    expect(new Set(edits(service.calls).map(({ headers }) => headers!['idempotency-key'])).size).toBe(1);
  });

  it('waits as long as the service asks for, and no longer once it was stopped', async () => {
    let stopped = false;
    const slower = { ...refusal(429), retryAfterSeconds: 17 } as const;
    const service = serviceOf(({ method }, count) => (method === 'GET' ? seen() : count < 3 ? slower : refusal(429)));
    const tools = toolsOf(service, () => stopped);
    const pause = async (ms: number) => {
      await tools.pause(ms);
      stopped = tools.pauses.length === 2;
    };
    const results = await runBulk({ ...tools, pause }, [FIRST!, SECOND!], ORDER);
    expect(tools.pauses).toEqual([17_000, 6_000]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['refused', 'stopped']);
  });

  it('gives up on a service that stays busy, and does not call it done', async () => {
    const service = serviceOf(({ method }) => (method === 'GET' ? seen() : refusal(429)));
    const results = await runBulk(toolsOf(service), [FIRST!], ORDER);
    expect(results).toEqual([{ ...FIRST, outcome: 'refused', why: 'title 429' }]);
  });

  it('uses the version of the change before for the next channel, and tells when only some were changed', async () => {
    const two = dayOf([channelOf(0, [slotOf(0, 9, 'held', null)]), channelOf(1, [slotOf(0, 8, 'held', null)])]);
    const service = serviceOf(({ method }, count) => (method === 'GET' ? seen(two) : count === 2 ? edited('recorded') : refusal(409)));
    const results = await runBulk(toolsOf(service), [FIRST!], ORDER);
    expect(edits(service.calls)[1]!.headers!['if-match']).toBe('"2-00000000000000aa"');
    expect(results).toEqual([{ ...FIRST, outcome: 'refused', why: 'title 409', partly: true }]);
  });

  it('has a result for every day after it was stopped', async () => {
    let stopped = false;
    const stop = () => {
      stopped = true;
    };
    const service = serviceOf(({ method }) => (method === 'GET' ? seen() : edited('recorded')));
    const tools = toolsOf(service, () => stopped);
    const results = await runBulk({ ...tools, onResult: stop }, [FIRST!, SECOND!], ORDER);
    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'stopped']);
    expect(service.calls).toHaveLength(2);
  });
});

describe('what a bulk order asks', () => {
  it('estimates what is held or missing, by the method of the order', () => {
    const day = dayOf([channelOf(0, [slotOf(0, 1, 'measured', 1), slotOf(1, 2, 'held', null), slotOf(2, null, 'missing', null)])]);
    expect(editsOf(day, { ...ORDER, kind: 'estimate' })).toEqual([
      { body: { kind: 'estimate', method: 'E4', channel: 0, slots: [1, 2], reason: 'validation-too-strict', note: '' } },
    ]);
  });

  it('takes each day once and leaves closed ones alone', () => {
    const exception = (meterId: string, status: 'open' | 'closed') => ({
      ...FIRST!,
      meterId,
      usagePoint: 'u',
      status,
      since: '',
      slots: 1,
    });
    const rows = [{ exceptions: [exception('a', 'open'), exception('b', 'closed')] }, { exceptions: [exception('a', 'open')] }];
    expect(placesOf(rows)).toEqual([{ meterId: 'a', day: '2026-01-15' }]);
  });

  it('asks for the rest of a row that a page shows in part', async () => {
    const row = (name: string, more: number) => ({ row: name, more, exceptions: [] }) as unknown as ExceptionRow;
    const service = serviceOf(() => ({ ok: true, body: row('b', 0) }));
    const rows = await wholeRows(service, [row('a', 0), row('b', 380)]);
    expect(rows).toEqual([row('a', 0), row('b', 0)]);
    expect(service.calls.map(({ path }) => path)).toEqual(['/v1/exceptions/b']);
  });
});
