import { describe, expect, it } from 'vitest';
import type { DomainEvent, TenancyCut } from '../../events/index.ts';
import { isShownTo, type Tenant } from '../../lambdas/bill-proof/shown-to-tenant.ts';
import { cut, cuts, DAY, installed, MIDNIGHT, METER as meterId, OPENED, removed } from '../subjects/given.ts';

/** Its days begin at 11:00 UTC of the day before, in March. */
const zone = 'Pacific/Auckland';
const [IN, OUT, BACK] = [Date.UTC(2026, 2, 9, 11), Date.UTC(2026, 2, 19, 11), Date.UTC(2026, 2, 29, 11)];
/** Lived there from the 10th to the 19th, came back on the 30th, and has stayed; others did besides. */
const ANN: Tenant = { account: 'ann', alone: false, spans: [{ from: IN, until: OUT }, { from: BACK }], zone };
const [at, by, reason, registers] = [MIDNIGHT, 'clerk', 'told late', [{ channel: 0, counts: 7 }]];

const TIMES = { before: IN - 1, in: IN, last: OUT - 1, out: OUT, after: OUT + 1, absent: BACK - 1, back: BACK, since: BACK + DAY };
const WITHIN = ['in', 'last', 'back', 'since'];
const UP_TO = ['last', 'out', 'since'];
const EITHER = ['in', 'last', 'out', 'back', 'since'];

const corrected = (since: number, list: readonly TenancyCut[]): DomainEvent => {
  return { type: 'TenancyCorrected', data: { since, cuts: list, reason, by, at } };
};
const switched =
  (type: 'SupplyDisconnected' | 'SupplyReconnected') =>
  (instant: number): DomainEvent => {
    return { type, data: { instant, reason, by, at } };
  };
const multiplied = (validFrom: number): DomainEvent => {
  return { type: 'MultiplierCorrected', data: { meterId, channel: 0, multiplier: 3, validFrom, reason, by, at } };
};
const read = (instant: number): DomainEvent => ({ type: 'MoveRead', data: { meterId, instant, registers, kind: 'measured', at } });
const assigned = (from: string): DomainEvent => ({ type: 'TariffAssigned', data: { tariff: 'flat', from, at } });
const surveyed = (instant: number) => ({ type: 'PremisesSurveyed', data: { instant, at } }) as unknown as DomainEvent;

describe('a fact of a usage point that several lived at', () => {
  it.each<[string, (instant: number) => DomainEvent, readonly string[]]>([
    ['that a meter was installed', (from) => installed(meterId, from), WITHIN],
    ['what a count is worth', multiplied, WITHIN],
    ['that the supply was cut', switched('SupplyDisconnected'), WITHIN],
    ['that the supply was given back', switched('SupplyReconnected'), WITHIN],
    ['that a meter was removed', (until) => removed(meterId, until), UP_TO],
    ['what was read at a move', read, EITHER],
    ['since when a tenancy is corrected', (since) => corrected(since, cuts(['ann', IN])), EITHER],
    ['that the tenant’s own tenancy begins', (from) => cut('ann', from), Object.keys(TIMES)],
    ['that nobody’s begins', (from) => cut('utility', from), ['out']],
    ['that another’s begins', (from) => cut('ben', from), []],
    ['what is of no type that is known here', surveyed, []],
    ['that it was opened', () => OPENED, Object.keys(TIMES)],
  ])('C10.1-7: %s is shown where it tells of no time that is another’s', (_what, fact, times) => {
    const shown = Object.entries(TIMES).filter(([, instant]) => isShownTo(fact(instant), ANN));
    expect(shown.map(([name]) => name)).toEqual(times);
    expect(Object.values(TIMES).every((instant) => isShownTo(fact(instant), { ...ANN, alone: true }))).toBe(true);
  });

  it.each<[string, readonly TenancyCut[], boolean]>([
    ['the tenant alone', cuts(['ann', IN]), true],
    ['the tenant, and nobody from when they left', cuts(['ann', IN], ['utility', OUT]), true],
    ['the tenant, and nobody from another time on', cuts(['ann', IN], ['utility', OUT + 1]), false],
    ['the tenant, and somebody else after', cuts(['ann', IN], ['ben', OUT]), false],
    ['somebody else, and the tenant after', cuts(['ben', IN], ['ann', OUT]), false],
  ])('C10.1-7: a correction is shown where every cut of it may be: %s', (_whom, list, shown) => {
    expect(isShownTo(corrected(IN, list), ANN)).toBe(shown);
  });

  it.each<[string, Partial<Tenant>, readonly string[]]>([
    ['who moved at midnight', {}, ['2026-03-10', '2026-03-19', '2026-03-30', '2026-03-31']],
    ['who moved within the day', { spans: [{ from: IN - 1, until: OUT + 1 }] }, ['2026-03-09', '2026-03-10', '2026-03-19', '2026-03-20']],
    [
      'whose days begin elsewhere',
      { zone: 'Etc/UTC' },
      ['2026-03-09', '2026-03-10', '2026-03-19', '2026-03-29', '2026-03-30', '2026-03-31'],
    ],
    ['who was the first', { spans: [{ from: 0, until: IN }] }, ['1900-01-01', '2026-03-08', '2026-03-09']],
    ['who lives there no more', { spans: [] }, []],
  ])('C10.1-7: a tariff is shown from a local date of the tenancy on, and from no other, to one %s', (_who, more, own) => {
    const days = ['08', '09', '10', '19', '20', '29', '30', '31'].map((day) => `2026-03-${day}`);
    const dates = ['1900-01-01', ...days].filter((date) => isShownTo(assigned(date), { ...ANN, ...more }));
    expect(dates).toEqual(own);
  });
});
