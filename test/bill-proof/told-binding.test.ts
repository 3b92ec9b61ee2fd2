import { describe, expect, it } from 'vitest';
import type { OpenedCommit } from '../../bin/proof/open-commits.ts';
import { lastStatement, toldBindings } from '../../bin/proof/told-binding.ts';
import { partsBetween } from '../../domain/usagepoint/tenancy.ts';
import type { DomainEvent, PointStated } from '../../events/index.ts';
import { ASSET, cut, installed, METER, OPENED } from '../subjects/given.ts';
import { openedAt, statement } from './said.ts';

const PERIOD = { ...statement().period, usagePoint: 'up-1' };
const [OWN, SINCE, LEFT] = [PERIOD.accountId, Date.UTC(2026, 2, 1), Date.UTC(2026, 5, 1)];
const [ACCOUNT, POINT] = [`account/${OWN}`, `usagepoint/${PERIOD.usagePoint}`];

function stated(more: Partial<PointStated> = {}): DomainEvent {
  const data: PointStated = {
    ...{ usagePoint: PERIOD.usagePoint, through: 2, at: SINCE, spans: [{ from: SINCE }] },
    meters: [{ meterId: METER, from: SINCE, asset: ASSET }],
    multipliers: [{ meterId: METER, channel: 0, multiplier: 3, validFrom: SINCE }],
    tariffs: [{ tariff: 'bands', from: '2026-03-01' }],
    ...more,
  };
  return { type: 'PointStated', data };
}

const tenancyIs = (until: number): DomainEvent => {
  const { usagePoint } = PERIOD;
  return { type: 'TenancyAmended', data: { usagePoint, spans: [{ from: SINCE, until }], at: SINCE } };
};
const ACCOUNT_OPENED: DomainEvent = { type: 'AccountOpened', data: { accountId: OWN, at: SINCE } };

function streamOf(stream: string, opened: readonly OpenedCommit[]) {
  return { stream, opened, withheld: [], last: opened.length - 1 };
}

function told(account: readonly OpenedCommit[], point: readonly OpenedCommit[] = []) {
  return toldBindings({ account: streamOf(ACCOUNT, account), point: streamOf(POINT, point) }, PERIOD);
}

describe('what a customer was told of a usage point', () => {
  const openedPoint = [OPENED, cut(OWN, SINCE), installed()].map((event, version) => openedAt(POINT, version, [event]));

  it('R9.2-2: is what the account’s last statement says, and its zone what its opening says', () => {
    const { point } = told([openedAt(ACCOUNT, 0, [ACCOUNT_OPENED, stated()])], openedPoint).at(-1)!;
    expect(point).toMatchObject({ zone: 'Europe/London', multipliers: [{ multiplier: 3 }], tariffs: [{ tariff: 'bands' }] });
    expect(point.installations).toMatchObject([{ meterId: METER, from: SINCE }]);
  });

  it('R9.2-2: is of that usage point, whatever was stated of another since', () => {
    const commits = [openedAt(ACCOUNT, 0, [ACCOUNT_OPENED, stated()]), openedAt(ACCOUNT, 2, [stated({ usagePoint: 'up-2', through: 9 })])];
    expect(lastStatement(commits, PERIOD.usagePoint)).toMatchObject({ usagePoint: PERIOD.usagePoint, through: 2 });
    expect(lastStatement([...commits, openedAt(ACCOUNT, 3, [stated({ through: 4 })])], PERIOD.usagePoint)).toMatchObject({ through: 4 });
  });

  it('R9.2-2: is one tenancy where the one ends with which the next begins', () => {
    const spans = [{ from: SINCE, until: LEFT }, { from: LEFT }];
    const { point } = told([openedAt(ACCOUNT, 0, [ACCOUNT_OPENED, stated({ spans })])]).at(-1)!;
    expect(partsBetween(point.tenancy, SINCE, LEFT + 1)).toEqual([{ subject: OWN, from: SINCE, until: LEFT + 1 }]);
  });

  it('R9.2-2, C10.1-7: is told in the order of its stream, also by a clock that was put back', () => {
    const commits = [
      openedAt(ACCOUNT, 0, [ACCOUNT_OPENED], 50),
      openedAt(ACCOUNT, 1, [tenancyIs(1)], 100),
      openedAt(ACCOUNT, 2, [tenancyIs(2)], 60),
    ];
    const point = [openedAt(POINT, 0, [OPENED], 80)];
    const untils = told(commits, point).map(({ tenancy }) => tenancy[0]?.until);
    expect(untils).toEqual([undefined, undefined, undefined, 1, 2]);
  });

  it('R9.2-2: is said no earlier than what stands before it, whatever date a commit behind it was given', () => {
    const dear: DomainEvent = { type: 'TariffAssigned', data: { tariff: 'dear', from: '2026-03-01', at: SINCE } };
    const behind = [openedAt(POINT, 3, [dear], 5_000), openedAt(POINT, 4, [dear], 1_000)];
    const times = told([], [...openedPoint, ...behind]).map(({ recordedAt }) => recordedAt);
    expect(times.slice(-2)).toEqual([5_000, 5_000]);
  });

  it('R9.2-2: is told after each commit of many, and what is told is what all before it say', () => {
    const amended = Array.from({ length: 3_000 }, (_, i) => openedAt(ACCOUNT, i + 1, [tenancyIs(LEFT + i)]));
    const all = told([openedAt(ACCOUNT, 0, [ACCOUNT_OPENED]), ...amended], openedPoint);
    expect(all).toHaveLength(3_005);
    expect(all.at(-1)!.tenancy).toEqual([{ from: SINCE, until: LEFT + 2_999 }]);
  });
});
