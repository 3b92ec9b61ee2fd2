import { describe, expect, test } from 'vitest';
import { type Access, grouped, joined } from '../../web/portal/views/privacy/accesses.ts';

const access = (at: string, changed: Partial<Access> = {}): Access => ({
  at,
  by: 'close-day',
  person: null,
  purpose: 'close-day',
  from: '2026-11-24T23:00:00.000Z',
  until: '2026-11-25T23:00:00.000Z',
  ...changed,
});

describe('who opened the data', () => {
  test('what the same did for the same reason on one local day is one line, with the latest time and the whole span', () => {
    const groups = grouped(
      [
        access('2026-11-26T08:00:00.000Z'),
        access('2026-11-26T06:00:00.000Z', { from: '2026-11-20T23:00:00.000Z', until: '2026-11-21T23:00:00.000Z' }),
        access('2026-11-25T22:59:00.000Z'),
      ],
      'Europe/Berlin',
    );
    expect(groups.map(({ day, times, at, from, until }) => [day, times, at, from, until])).toEqual([
      ['2026-11-26', 2, '2026-11-26T08:00:00.000Z', '2026-11-20T23:00:00.000Z', '2026-11-25T23:00:00.000Z'],
      ['2026-11-25', 1, '2026-11-25T22:59:00.000Z', '2026-11-24T23:00:00.000Z', '2026-11-25T23:00:00.000Z'],
    ]);
  });

  test('a person is never folded into what the service did, nor into another person', () => {
    const groups = grouped(
      [
        access('2026-11-26T08:00:00.000Z'),
        access('2026-11-26T09:00:00.000Z', { person: 'demo-operator' }),
        access('2026-11-26T10:00:00.000Z', { person: 'demo-auditor' }),
        access('2026-11-26T11:00:00.000Z', { purpose: 'billing' }),
      ],
      'UTC',
    );
    expect(groups.map(({ person, purpose }) => [person, purpose])).toEqual([
      [null, 'billing'],
      ['demo-auditor', 'close-day'],
      ['demo-operator', 'close-day'],
      [null, 'close-day'],
    ]);
  });

  test('no access, no line', () => {
    expect(grouped([], 'UTC')).toEqual([]);
  });

  test('page behind page is one list, and the last one says that there is no more', () => {
    const [one, two, three] = ['2026-11-26T09:00:00.000Z', '2026-11-26T08:00:00.000Z', '2026-11-26T07:00:00.000Z'].map((at) => access(at));
    const list = joined(joined({ accesses: [one!], cursor: 'a' }, { accesses: [two!], cursor: 'b' }), { accesses: [three!] });
    expect(list).toEqual({ accesses: [one, two, three] });
    expect(grouped(list.accesses, 'UTC')).toMatchObject([{ times: 3 }]);
  });
});
