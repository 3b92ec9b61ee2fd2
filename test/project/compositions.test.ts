import { describe, expect, it } from 'vitest';
import { disclosureGate } from '../../domain/privacy/gate.ts';
import { composeQuarter } from '../../lambdas/project/compose.ts';
import { COMPOSITIONS, readCompositions } from '../../lambdas/project/compositions.ts';
import type { MeterPoint } from '../../lambdas/shared/points.ts';
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
});
