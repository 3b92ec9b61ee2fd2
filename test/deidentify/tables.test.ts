import { describe, expect, it } from 'vitest';
import { disclosureGate } from '../../domain/privacy/gate.ts';
import { release } from '../../domain/privacy/release.ts';
import type { Tables } from '../../domain/privacy/tables.ts';
import type { DomainEvent, TablesReleased } from '../../events/index.ts';
import { makeDeidentify } from '../../lambdas/deidentify/handler.ts';
import { newestTables } from '../../lambdas/deidentify/make-tables.ts';
import { COMPOSITIONS, keepCompositions, type LeafComposition } from '../../lambdas/project/compositions.ts';
import { GRANTS } from '../../topology/grants.ts';
import { KEY_TABLE } from '../../topology/key-table.ts';
import { KMS_KEYS } from '../../topology/keys.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { lambdaContext } from '../support/sqs.ts';

const QUARTER = '2026-Q1';
const MONDAY = Date.UTC(2026, 0, 5) / 1000;
const STEP = 1_800;
const WEEK = 336;
const CLOSED = Date.UTC(2026, 3, 7);
const ITEM = { seq: 1, prevHash: '', hash: '', jws: '', at: 0 };

const HOMES: Record<string, number> = { big: 3_000, hundred: 100, mid: 250, small: 99 };

/** Weeks of areas as the operator was told of them. */
class ToldQuarter {
  readonly world = new MemoryWorld({ now: CLOSED });

  static async of(
    areas: Readonly<Record<string, LeafComposition>>,
    told = (_area: string, i: number): number | undefined => i,
    weeks = 4,
  ): Promise<ToldQuarter> {
    const quarter = new ToldQuarter();
    const table = quarter.world.as('project').models.table(COMPOSITIONS);
    await keepCompositions(table, Date.UTC(2026, 0, 1), new Map(Object.entries(areas)), disclosureGate(false));
    const published = Object.keys(areas).map((area) => ({ area, leaves: [area], intervalMinutes: 30, slotsPerHome: 1 }));
    await quarter.#append('area/partition', [
      { type: 'AreaPartitioned', data: { quarter: QUARTER, areas: published, withheld: [], part: 1, parts: 1, ...ITEM } },
    ]);
    for (const area of Object.keys(areas)) {
      const events = Array.from({ length: weeks * WEEK }, (_, i) => demandOf(area, i, told(area, i)));
      for (let at = 0; at < events.length; at += 96) await quarter.#append(`area/${area}`, events.slice(at, at + 96));
    }
    return quarter;
  }

  async run(): Promise<void> {
    const handler = makeDeidentify(this.world.as('deidentify'), defencesUnderTest());
    await handler({} as never, lambdaContext('deidentify'));
  }

  async tables(): Promise<Tables | undefined> {
    return await newestTables(this.world.as('deidentify'));
  }

  async #append(stream: string, events: readonly DomainEvent[]): Promise<void> {
    const head = await this.world.events.head(stream, undefined);
    await this.world.events.append(head, { commitId: Buffer.alloc(32, head.version + 2), events }).durable;
  }
}

function demandOf(area: string, i: number, netWh: number | undefined): DomainEvent {
  const interval = { area, end: MONDAY + (i + 1) * STEP, intervalMinutes: 30 };
  if (netWh === undefined) return { type: 'AreaSuppressed', data: { ...interval, because: 'too-few-read', ...ITEM } };
  const counts = { expected: 100, measured: 100, held: 0, exporting: 0 };
  return { type: 'AreaDemandPublished', data: { ...interval, netWh, counts, ...ITEM } };
}

function homesOf(count: number): LeafComposition {
  return { residential: count, others: 0, largestWh: 3_000_000, totalWh: count * 3_000_000, homes: count };
}

const TOWN = Object.fromEntries(Object.entries(HOMES).map(([area, count]) => [area, homesOf(count)]));

/** Names of all fields, at any depth. */
function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]);
}

describe('tables for research and the public', () => {
  it('R9.3-5, C10.3-3: hold each area of 100 customers or more once, at the step its customers allow, and no area below', async () => {
    const quarter = await ToldQuarter.of(TOWN);
    await quarter.run();
    const { research } = (await quarter.tables())!;
    expect(research.map(({ area, stepMinutes, customers, weekWh }) => [area, stepMinutes, customers, weekWh.length])).toEqual([
      ['big', 30, '3000+', 336],
      ['hundred', 360, '100+', 28],
      ['mid', 180, '250+', 56],
    ]);
  });

  it('R9.3-5, C10.3-3: what is sent has these fields and no other', async () => {
    const quarter = await ToldQuarter.of(TOWN);
    await quarter.run();
    const allowed = ['quarter', 'research', 'similarHomes', 'area', 'customers', 'stepMinutes', 'weekWh', 'month', 'meanKWh'];
    expect([...new Set(fieldsOf(await quarter.tables()))].filter((field) => !allowed.includes(field))).toEqual([]);
    expect(JSON.stringify(await quarter.tables())).not.toContain('small');
  });

  it('R9.3-5: firms that are too few, or of which one has more than 15 %, are in no table', async () => {
    const firms = { residential: 100, others: 20, totalWh: 1_000_000, homes: 120 };
    const quarter = await ToldQuarter.of({
      even: { ...firms, largestWh: 150_000 },
      steep: { ...firms, largestWh: 160_000 },
      yard: { residential: 0, others: 15, largestWh: 1, totalWh: 1_000, homes: 15 },
    });
    await quarter.run();
    expect((await quarter.tables())!.research.map(({ area }) => area)).toEqual(['even']);
  });

  it('a typical week is the mean of the weeks told', async () => {
    const quarter = await ToldQuarter.of({ mid: homesOf(250) }, (_area, i) => (i < 2 * WEEK ? 100 : 300));
    await quarter.run();
    expect((await quarter.tables())!.research[0]!.weekWh).toEqual(Array(56).fill(6 * 200));
  });

  it('R9.3-5: a step of which an interval was suppressed is not told, and stands for no week', async () => {
    const lost = new Set([0, ...[0, 1, 2, 3, 4].map((week) => week * WEEK + 6)]);
    const told = (_area: string, i: number) => (lost.has(i) ? undefined : i < WEEK ? 100 : 300);
    const quarter = await ToldQuarter.of({ mid: homesOf(250) }, told, 5);
    await quarter.run();
    expect((await quarter.tables())!.research[0]!.weekWh.slice(0, 3)).toEqual([6 * 300, null, 6 * 260]);
  });

  it('R9.3-5: a step of fewer than four weeks is not told, and an area of three weeks is in no table', async () => {
    const quarter = await ToldQuarter.of({ mid: homesOf(250) }, (_area, i) => (i === 6 ? undefined : 100));
    await quarter.run();
    expect((await quarter.tables())!.research[0]!.weekWh.slice(0, 3)).toEqual([600, null, 600]);
    const young = await ToldQuarter.of({ mid: homesOf(250) }, () => 100, 3);
    await young.run();
    expect((await young.tables())!.research).toEqual([]);
  });

  it('a quarter is released once, and not before its last day is closed', async () => {
    const quarter = await ToldQuarter.of(TOWN);
    quarter.world.clock.set(Date.UTC(2026, 3, 6) - 1);
    await quarter.run();
    expect(await quarter.tables()).toBeUndefined();
    quarter.world.clock.set(CLOSED);
    await quarter.run();
    await quarter.run();
    expect(quarter.world.events.eventsOf('release/tables')).toHaveLength(1);
  });

  it('tables that are offered no longer are withdrawn, and so is what a run that broke off left', async () => {
    const quarter = await ToldQuarter.of(TOWN);
    const { objects } = quarter.world.as('deidentify');
    await objects.put('tables/0ld', Buffer.from('{}'));
    await quarter.run();
    const [event] = quarter.world.events.eventsOf('release/tables');
    expect(event).toMatchObject({ type: 'TablesReleased' });
    expect(await objects.list('tables/')).toEqual([(event!.data as TablesReleased).key]);
  });

  it('four quarters are offered, and none twice', () => {
    const quarters = ['2026-Q1', '2026-Q2', '2026-Q3', '2026-Q4', '2027-Q1'];
    const tables = (quarter: string): TablesReleased => ({ quarter, areas: [], suppressed: 0, key: quarter, sha256: '', at: 0 });
    const after = quarters.reduce((state, quarter) => {
      const [event] = release.decide({ type: 'ReleaseTables', tables: tables(quarter) }, state);
      return release.evolve(state, event!);
    }, release.initial);
    expect(after.released.map(({ quarter }) => quarter)).toEqual(quarters.slice(1));
    expect(release.decide({ type: 'ReleaseTables', tables: tables('2026-Q4') }, after)).toEqual([]);
  });

  it('R9.3-5, C10.3-3: the function has no key to readings, days or subjects, and writes nothing but its tables', () => {
    const keys = KMS_KEYS.filter(({ allow }) => allow.deidentify?.some((may) => may !== 'getPublicKey'));
    expect(keys.map(({ id }) => id)).toEqual(['store-kek']);
    const rows = KEY_TABLE.filter(({ allow }) => allow.deidentify !== undefined);
    expect(rows.map(({ prefix }) => prefix)).toEqual(['stream-class/area/', 'stream-class/release/']);
    expect(GRANTS.deidentify.models).toEqual(['read']);
    expect(GRANTS.deidentify.directory).toEqual([]);
    expect(GRANTS.deidentify.objects.map(({ prefix }) => prefix)).toEqual(['tables/']);
  });
});
