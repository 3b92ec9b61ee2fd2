import { describe, expect, it } from 'vitest';
import { checkStatements } from '../../bin/proof/stated-point.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { DomainEvent, PointStated } from '../../events/index.ts';
import { statedTo } from '../../lambdas/register/state-to-tenants.ts';
import { ASSET, cut, DAY, installed, METER, MIDNIGHT, OPENED, OTHER_METER, removed } from '../subjects/given.ts';
import { shownStream, statement } from './said.ts';

const { period } = statement();
const OWN = period.accountId;
const at = MIDNIGHT;
/** One tenant, another, the first again; an exchange in the time of each, a multiplier and a tariff. */
const [LEFT, BACK] = [MIDNIGHT + 10 * DAY, MIDNIGHT + 20 * DAY];
const POINT: readonly DomainEvent[] = [
  ...[OPENED, cut(OWN, MIDNIGHT), installed(), removed(METER, MIDNIGHT + 5 * DAY), installed(OTHER_METER, MIDNIGHT + 5 * DAY)],
  { type: 'MultiplierCorrected', data: { meterId: METER, channel: 0, multiplier: 3, validFrom: MIDNIGHT + DAY, reason: 'r', by: 'c', at } },
  { type: 'TariffAssigned', data: { tariff: 'bands', from: '2026-01-01', at } },
  ...[cut('acc-later', LEFT), removed(OTHER_METER, LEFT + DAY), installed('m-3', LEFT + DAY), cut(OWN, BACK)],
  // Beside the first one, and taken away before it.
  ...[installed('m-4'), removed('m-4', MIDNIGHT + 3 * DAY)],
];
const THROUGH = POINT.length - 1;
const TRUE: PointStated = {
  ...{ usagePoint: period.usagePoint, through: THROUGH, at },
  ...statedTo(POINT.reduce(usagePoint.evolve, usagePoint.initial) as OpenUsagePoint, OWN),
};

/** What comes of it that the account was told this, and that of the usage point all is shown but these versions. */
function check(stated: Partial<PointStated>, withheld: readonly number[] = [], point = POINT): void {
  const account = shownStream(`account/${OWN}`, [{ type: 'PointStated', data: { ...TRUE, ...stated } }]);
  checkStatements({ account, point: shownStream(`usagepoint/${period.usagePoint}`, point, withheld) }, period);
}

const OTHERWISE = /it says otherwise than the account was told/;
/** Of the other tenant, and of the end of the first time. */
const OF_OTHERS = [7, 8, 9, 10];

describe('a statement and the usage point that is shown as a whole', () => {
  it('R9.2-2: say the same, up to the version that it names and at no later one', () => {
    expect(() => check({})).not.toThrow();
    expect(() => check({}, [], [...POINT, cut('acc-third', BACK + 5 * DAY), removed('m-3', BACK + 6 * DAY)])).not.toThrow();
    expect(() => check({ through: THROUGH - 1 })).toThrow(OTHERWISE);
  });

  it.each<[string, Partial<PointStated>]>([
    ['another time', { spans: TRUE.spans.slice(0, 1) }],
    ['another record of a meter', { meters: TRUE.meters.map((one) => ({ ...one, asset: { ...ASSET, fuseW: 1 } })) }],
    ['what no count was worth', { multipliers: [] }],
    ['another tariff', { tariffs: [{ tariff: 'dear', from: '2026-03-01' }] }],
  ])('R9.2-2, C10.1-7: with %s it is refused', (_what, stated) => {
    expect(() => check(stated)).toThrow(OTHERWISE);
  });

  it('R9.2-2, C10.1-7: of a usage point that was never opened it is refused', () => {
    expect(() => check({ through: 2 }, [], [cut(OWN, MIDNIGHT), cut('acc-later', LEFT), cut(OWN, BACK)])).toThrow(OTHERWISE);
  });

  it('R9.2-2: of another usage point it is held against that one’s proof, not this one’s', () => {
    expect(() => check({ usagePoint: 'home-2', tariffs: [] })).not.toThrow();
  });
});

describe('a statement and the meters that are shown beside what is withheld', () => {
  it('R9.2-2: say the same where others’ are withheld, and where they are not', () => {
    expect(() => check({}, OF_OTHERS)).not.toThrow();
    for (const version of [OF_OTHERS[0]!, THROUGH]) expect(() => check({}, [version])).not.toThrow();
    expect(() => check({ tariffs: [] }, OF_OTHERS)).not.toThrow();
  });

  it('R9.2-2, C10.1-7: one that was hung again at another time is refused', () => {
    const meters = TRUE.meters.map((one) => (one.meterId === OTHER_METER ? { ...one, from: one.from + DAY } : one));
    expect(() => check({ meters }, OF_OTHERS)).toThrow(OTHERWISE);
  });

  it('R9.2-2, C10.1-7: one that was taken away, and is to have hung there on, is refused; at its end and at its beginning it is not', () => {
    const until = (meterId: string, to: number) => TRUE.meters.map((one) => (one.meterId === meterId ? { ...one, until: to } : one));
    expect(() => check({ meters: until(METER, MIDNIGHT + 6 * DAY) }, OF_OTHERS)).toThrow(OTHERWISE);
    const again = [...POINT, removed('m-3', BACK), installed('m-3', BACK)];
    const later = { through: again.length - 1 };
    expect(() => check(later, OF_OTHERS, again)).not.toThrow();
    expect(() => check(later, [...OF_OTHERS, 3], again)).not.toThrow();
  });
});
