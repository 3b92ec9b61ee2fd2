import { describe, expect, it } from 'vitest';
import { disclosureGate } from '../../domain/privacy/gate.ts';
import { partitionOf } from '../../domain/privacy/partition.ts';
import { composeQuarter } from '../../lambdas/project/compose.ts';
import { COMPOSITIONS, composeLeaves, leavesInOrder, readCompositions } from '../../lambdas/project/compositions.ts';
import type { MeterPoint } from '../../lambdas/shared/days/points.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { HOME } from '../support/sealed-town.ts';

const NOW = Date.UTC(2026, 0, 15, 10);
const gate = disclosureGate();

interface Place {
  readonly meterClass?: MeterPoint['meterClass'];
  /** Undefined: nobody's. */
  readonly customer?: string | undefined;
  readonly leaf?: string;
  /** Meter taken out before now. */
  readonly removed?: true;
}

async function worldOf(places: readonly Place[]): Promise<MemoryWorld> {
  const world = new MemoryWorld({ now: NOW });
  for (const [i, { meterClass = 'residential', customer, leaf = 'north', removed }] of places.entries()) {
    const asset = { ...HOME, areaLeaf: leaf };
    const installed = [{ from: 0, ...(removed ? { until: NOW - 1 } : {}), asset }];
    const tenancy = customer === undefined ? [] : [{ subject: customer, from: 0 }];
    const of = { usagePoint: `up-${i}`, zone: 'Europe/London', areaLeaf: leaf, meterClass, tariffs: [], multipliers: [] };
    const point: MeterPoint = { ...of, installed, tenancy };
    const key = `point-of/${i.toString(16).padStart(16, '0')}`;
    await world.directory.put([{ key, value: Buffer.from(JSON.stringify([point])) }]);
  }
  return world;
}

const homes = (count: number): Place[] => Array.from({ length: count }, (_, i) => ({ customer: `account-${i}` }));

async function composed(world: MemoryWorld) {
  const kept = await composeQuarter(world.as('project'), gate);
  return { kept, leaves: await readCompositions(world.as('ems').models.table(COMPOSITIONS), '2026-Q1') };
}

describe('how leaves are made up', () => {
  it('R9.4-4: customers are counted, not meters: nobody twice, no vacant home, no head of a feeder, no meter that is gone', async () => {
    const others: Place[] = [
      { customer: 'account-0' },
      { customer: undefined },
      { meterClass: 'grid' },
      { customer: 'account-gone', removed: true },
    ];
    const { kept, leaves } = await composed(await worldOf([...homes(101), ...others]));
    expect(kept).toBe(true);
    const totalWh = 102 * 3_500_000;
    expect(leaves?.get('north')).toEqual({ residential: 101, others: 0, largestWh: 7_000_000, totalWh, homes: 103 });
  });

  it('R9.4-4, C10.4-3: a town too small is not composed, so that nothing is fixed; when it has grown it is, once for the quarter', async () => {
    const world = await worldOf(homes(99));
    expect(await composed(world)).toEqual({ kept: false, leaves: undefined });
    const grown = await worldOf(homes(100));
    expect((await composed(grown)).leaves?.get('north')?.residential).toBe(100);
    await grown.directory.put([]);
    expect((await composed(grown)).leaves?.get('north')?.residential).toBe(100);
  });

  it('R9.4-4, C10.4-3: another customer than a home, of whom no day is known, is taken to dominate', async () => {
    const { kept } = await composed(await worldOf([...homes(120), { customer: 'works', meterClass: 'commercial' }]));
    expect(kept).toBe(false);
  });

  it('R9.4-4, C10.4-3: firms with a usage point in each of two neighbouring leaves are as many as they are', () => {
    const firms = (count: number) =>
      Array.from({ length: count }, (_, i) => ['east', 'west'].map((leaf) => placeOf(leaf, `firm-${i}`, 'commercial', 500))).flat();
    expect(areasOf(firms(8))).toEqual([]);
    expect(areasOf(firms(15)).map(({ composition }) => composition)).toMatchObject([{ residential: 0, others: 15, totalWh: 15_000 }]);
  });

  it('R9.4-4, C10.4-3: a firm of 25 % of two leaves dominates both and what they are merged to, be it taken or fed in', () => {
    const halves = ['east', 'west'].map((leaf) => placeOf(leaf, 'works', 'commercial', 2_000));
    const town = (count: number) =>
      ['east', 'west'].flatMap((leaf) =>
        Array.from({ length: count }, (_, i) => placeOf(leaf, `${leaf}-${i}`, 'residential', 6_000 / count)),
      );
    expect(areasOf([...town(60), ...halves])).toEqual([]);
    expect(areasOf([...town(120), ...halves])).toEqual([]);
    const east = composeLeaves([...town(120), ...halves]).get('east');
    expect(east).toMatchObject({ residential: 120, others: 1, largestWh: 4_000, totalWh: 8_000 });
    expect(east!.exporters).toMatchObject({ residential: 120, others: 1, largestWh: 4_000, totalWh: 8_000 });
  });

  it('R9.4-4, C10.4-3: a leaf knows of a firm that counts in another one', () => {
    const leaves = composeLeaves(['west', 'east'].map((leaf) => placeOf(leaf, 'works', 'commercial', 2_000)));
    const exporters = { residential: 0, others: 0, othersElsewhere: 1, largestWh: 4_000, totalWh: 2_000, homes: 0 };
    expect(leaves.get('west')).toEqual({ ...exporters, homes: 1, exporters });
    expect(leaves.get('east')).toMatchObject({ others: 1, largestWh: 4_000, totalWh: 2_000 });
  });
});

/** As much is fed in as is taken. */
function placeOf(leaf: string, subject: string, kind: 'residential' | 'commercial', annualWh: number) {
  return { leaf, customer: { subject, class: kind, annualWh, exportWh: annualWh } };
}

function areasOf(places: Parameters<typeof composeLeaves>[0]) {
  return partitionOf({ quarter: '2026-Q1', leaves: leavesInOrder(composeLeaves(places)) }, disclosureGate()).areas;
}
