import { describe, expect, it } from 'vitest';
import type { ExceptionRow } from '../../api/exceptions.ts';
import { ExceptionQuery } from '../../api/exceptions.ts';
import { Queue } from '../../web/console/exceptions/queue-state.ts';
import { assignedTo, filterOf, queryOf } from '../../web/console/model/queue-filter.ts';
import { refusal, serviceOf } from './support.ts';

const row = (name: string, assignee?: string): ExceptionRow => ({
  ...{
    row: name,
    cause: 'gap',
    days: ['2026-01-15'],
    meters: 1,
    openMeters: 1,
    status: 'open',
    oldest: '2026-01-16T00:00:00Z',
    dueAt: '2026-01-20T07:00:00Z',
    exceptions: [],
    more: 0,
  },
  ...(assignee === undefined ? {} : { assignee }),
});
const FILTER = filterOf(new URLSearchParams('status=open'));

describe('the filter of the queue', () => {
  it('is what the service takes', () => {
    const filter = filterOf(new URLSearchParams('status=open&cause=rule/V15&olderThanHours=48&area=north-3&assignee=demo-operator'));
    expect(ExceptionQuery.parse(filter)).toEqual({ ...filter, olderThanHours: 48 });
  });

  it('leaves out what the service would not take', () => {
    const filter = filterOf(new URLSearchParams('status=done&cause=a b&olderThanHours=0&area=<b>&assignee=Demo'));
    expect(Object.values(filter)).toEqual(['open', '', '', '', '']);
  });

  it('shows open rows until all of them are asked for, and the address keeps it', () => {
    expect(filterOf(new URLSearchParams()).status).toBe('open');
    expect(filterOf(new URLSearchParams('status=any')).status).toBe('');
    for (const asked of ['status=any', 'status=closed', 'cause=gap', 'status=any&assignee=demo-operator']) {
      const filter = filterOf(new URLSearchParams(asked));
      expect(filterOf(new URLSearchParams(queryOf(filter)))).toEqual(filter);
    }
  });

  it('asks for every status where it asks for what somebody looks after, which is not open any more', () => {
    expect(assignedTo('demo-operator')).toEqual({ assignee: 'demo-operator', status: '' });
    expect(assignedTo('')).toEqual({ assignee: '', status: 'open' });
  });
});

describe('the queue on the screen', () => {
  it('asks by its filter, and goes on where the page ended', async () => {
    const service = serviceOf((_, count) => ({ ok: true, body: count === 1 ? { rows: [row('a')], cursor: 'c.1' } : { rows: [row('b')] } }));
    const queue = new Queue(service, FILTER);
    await queue.reload();
    await queue.more();
    expect(queue.rows.value?.map((each) => each.row)).toEqual(['a', 'b']);
    expect(service.calls.map(({ query }) => query)).toEqual([{ status: 'open' }, { status: 'open', cursor: 'c.1' }]);
    await queue.more();
    expect(service.calls).toHaveLength(2);
  });

  it('acts on what is selected, else on the row under the cursor', async () => {
    const queue = new Queue(
      serviceOf(() => ({ ok: true, body: { rows: [row('a'), row('b'), row('c')] } })),
      FILTER,
    );
    await queue.reload();
    queue.move('next');
    expect(queue.targets().map((each) => each.row)).toEqual(['b']);
    queue.toggle('a');
    queue.toggle('c');
    expect(queue.targets().map((each) => each.row)).toEqual(['a', 'c']);
    queue.toggle('a');
    expect(queue.targets().map((each) => each.row)).toEqual(['c']);
  });

  it('keeps of the selection what is still there, and the cursor in the list', async () => {
    const service = serviceOf((_, count) => ({ ok: true, body: { rows: count === 1 ? [row('a'), row('b'), row('c')] : [row('b')] } }));
    const queue = new Queue(service, FILTER);
    await queue.reload();
    queue.toggle('a');
    queue.toggle('b');
    queue.move('last');
    await queue.reload();
    expect([...queue.selected.value]).toEqual(['b']);
    expect(queue.cursor.value).toBe(0);
  });

  it('shows a row as it is after it was assigned, and says when it was not', async () => {
    const service = serviceOf(({ method }, count) => {
      if (method === 'GET') return { ok: true, body: { rows: [row('a'), row('b')] } };
      return count === 2 ? { ok: true, body: row('b', 'demo-operator') } : refusal(429);
    });
    const queue = new Queue(service, FILTER);
    await queue.reload();
    await queue.assign(row('b'), 'demo-operator');
    expect(queue.rows.value?.map(({ assignee }) => assignee)).toEqual([undefined, 'demo-operator']);
    expect(service.calls[1]).toEqual({ method: 'POST', path: '/v1/exceptions/b/assignee', body: { to: 'demo-operator' } });
    await queue.assign(row('a'), null);
    expect(queue.refusal.value?.status).toBe(429);
    expect(queue.rows.value?.[0]).toEqual(row('a'));
  });
});
