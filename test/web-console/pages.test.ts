import { describe, expect, it } from 'vitest';
import { type AuditEntry, auditCsv, auditJson, wholeAudit } from '../../web/console/model/audit-export.ts';
import { callOf, mayCall } from '../../web/console/model/calls.ts';
import { causeWords } from '../../web/console/model/cause.ts';
import { listAction, moved } from '../../web/console/model/key-map.ts';
import { marksOf, pageOf, pagesFor, weeksOf } from '../../web/console/model/pages.ts';
import { refusal, serviceOf } from './support.ts';

const ENTRY: AuditEntry = {
  ...{ at: '2026-01-15T10:00:00Z', stream: 'access/2026-01-15.edit', version: 4, principal: 'edit', person: 'demo-operator' },
  ...{ purpose: 'editing', subjects: 1, from: '2026-01-14T00:00:00Z', until: '2026-01-15T00:00:00Z', hash: 'ab' },
};

describe('pages', () => {
  it.each([
    ['operator', ['overview', 'exceptions', 'meter', 'bills', 'devices', 'ingest', 'feeders', 'feeds']],
    ['supervisor', ['overview', 'exceptions', 'meter', 'bills', 'devices', 'ingest', 'feeders', 'feeds']],
    ['auditor', ['overview', 'exceptions', 'meter', 'bills', 'devices', 'ingest', 'feeds', 'keys', 'audit']],
    ['security-officer', ['overview', 'devices', 'ingest', 'feeds', 'keys', 'audit']],
    ['customer', []],
  ])('of %s are those its routes let through', (role, pages) => {
    expect(pagesFor(role)).toEqual(pages);
  });

  it('let only a supervisor decide and replay', () => {
    expect([mayCall('supervisor', 'approveBill'), mayCall('operator', 'approveBill')]).toEqual([true, false]);
    expect([mayCall('supervisor', 'approveEdit'), mayCall('operator', 'approveEdit')]).toEqual([true, false]);
    expect([mayCall('supervisor', 'replayFeed'), mayCall('operator', 'replayFeed')]).toEqual([true, false]);
  });

  it.each([[undefined], [''], ['nowhere'], ['constructor']])('are the overview where the address says %s', (name) => {
    expect(pageOf(name)).toBe('overview');
    expect(pageOf('audit')).toBe('audit');
  });
});

describe('requests', () => {
  it('are made from the routes, with every parameter encoded', () => {
    expect(callOf('replayFeed', { feed: 'a/b' }, { body: { from: 0 } })).toEqual({
      method: 'POST',
      path: '/v1/feeds/a%2Fb/replay',
      body: { from: 0 },
    });
    expect(callOf('listAudit', {}, { query: { day: '2026-01-15', cursor: undefined } })).toEqual({
      method: 'GET',
      path: '/v1/audit',
      query: { day: '2026-01-15' },
    });
    expect(() => callOf('showMeter', {})).toThrow(RangeError);
  });
});

describe('the calendar', () => {
  it('has whole weeks from Monday', () => {
    const weeks = weeksOf(['2026-01-14', '2026-01-05', '2026-01-12']);
    expect(weeks.map((week) => [week[0], week[6]])).toEqual([
      ['2026-01-05', '2026-01-11'],
      ['2026-01-12', '2026-01-18'],
    ]);
    expect(weeksOf(['2026-03-29'])).toEqual([
      ['2026-03-23', '2026-03-24', '2026-03-25', '2026-03-26', '2026-03-27', '2026-03-28', '2026-03-29'],
    ]);
    expect(weeksOf([])).toEqual([]);
  });

  it('marks a day that waits for a second person, also a held one', () => {
    expect(marksOf({ held: false, waits: true })).toEqual(['waits']);
    expect(marksOf({ held: true, waits: true })).toEqual(['waits', 'held']);
    expect(marksOf({ held: false, waits: false })).toEqual([]);
    expect(causeWords('proposal')).toEqual({ code: 'Proposal', words: 'waits for a second person' });
  });
});

describe('keys of the queue', () => {
  const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey', true>> = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...held,
  });

  it('do nothing in a field, nor with a modifier', () => {
    expect(listAction(press('e'), 'none')).toBe('estimate');
    expect(listAction(press('e'), 'text')).toBeUndefined();
    expect(listAction(press('a', { ctrlKey: true }), 'none')).toBeUndefined();
    expect(listAction(press('constructor'), 'none')).toBeUndefined();
  });

  it('leave Enter to the button that has the focus', () => {
    expect(listAction(press('Enter'), 'button')).toBeUndefined();
    expect(listAction(press('j'), 'button')).toBe('next');
  });

  it('move within the list', () => {
    expect([moved(0, 'next', 3), moved(2, 'next', 3), moved(0, 'previous', 3), moved(0, 'last', 3), moved(2, 'first', 3)]).toEqual([
      1, 2, 0, 2, 0,
    ]);
    expect([moved(5, 'select', 3), moved(-1, 'next', 3), moved(-1, 'next', 0), moved(-1, 'previous', 0), moved(-1, 'first', 0)]).toEqual([
      2, 0, -1, -1, -1,
    ]);
  });
});

describe('export of the audit', () => {
  it('quotes what has to be quoted', () => {
    const csv = auditCsv([{ ...ENTRY, purpose: 'a "b", c', person: null }]);
    expect(csv.split('\r\n')[1]).toBe(
      '2026-01-15T10:00:00Z,access/2026-01-15.edit,4,edit,,"a ""b"", c",1,2026-01-14T00:00:00Z,2026-01-15T00:00:00Z,ab',
    );
    expect(csv.endsWith('\r\n')).toBe(true);
  });

  it.each(['=1+1', '+1', '-1', '@a', '\ta'])('is no formula: %j', (purpose) => {
    expect(auditCsv([{ ...ENTRY, purpose }])).toContain(`'${purpose}`);
  });

  it('is JSON with its day', () => {
    expect(JSON.parse(auditJson('2026-01-15', [ENTRY]))).toEqual({ day: '2026-01-15', entries: [ENTRY] });
  });

  it('takes every page, or none', async () => {
    const pages = serviceOf(({ query }) => ({
      ok: true,
      body: { day: 'd', entries: [ENTRY], ...(query?.['cursor'] === undefined && { cursor: 'c.1' }) },
    }));
    expect(await wholeAudit(pages, '2026-01-15', () => {})).toEqual([ENTRY, ENTRY]);
    const half = serviceOf((_, count) => (count === 1 ? { ok: true, body: { day: 'd', entries: [ENTRY], cursor: 'c.1' } } : refusal(500)));
    expect(await wholeAudit(half, '2026-01-15', () => {})).toMatchObject({ ok: false, status: 500 });
  });
});
