import { beforeEach, describe, expect, it } from 'vitest';
import type { SimilarHomes } from '../../api/customer-usage.ts';
import { release } from '../../domain/privacy/release.ts';
import { RELEASE_STREAM } from '../../lambdas/deidentify/make-tables.ts';
import { localDay, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { ANNA, BEN, POINT, SOLAR, UsageWorld, ZONE } from './usage-world.ts';

let world: UsageWorld;
beforeEach(async () => {
  world = new UsageWorld();
  await world.tariff();
  await world.home(POINT, ANNA, { asset: SOLAR });
});

const file = (form: string, from: string, until: string) => world.of<string>('download', { query: { form, from, until } });

describe('files', () => {
  it('CSV has UTC, local time with its offset, energy and quality, also when the clock is put back', async () => {
    await world.close('2026-10-25', [() => 100, () => 7], { asset: SOLAR });
    await world.project();
    const { text, headers } = await file('csv', '2026-10-25', '2026-10-26');
    expect(headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'content-disposition': 'attachment' });
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 2 * 100);
    expect(lines[0]).toBe(
      'usage_point,direction,unit,zone,resolution,interval_minutes,start_utc,end_utc,start_local,end_local,energy,quality,measured,estimated,edited,missing',
    );
    const twice = lines.filter((line) => line.includes(',import,') && line.includes(',2026-10-25T01:15:00+0'));
    expect(twice.map((line) => line.split(',').slice(6, 12))).toEqual(
      expect.arrayContaining([
        ['2026-10-25T00:15:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:15:00+01:00', '2026-10-25T01:30:00+01:00', '100', 'measured'],
        ['2026-10-25T01:15:00Z', '2026-10-25T01:30:00Z', '2026-10-25T01:15:00+00:00', '2026-10-25T01:30:00+00:00', '100', 'measured'],
      ]),
    );
  });

  it('Green Button and JSON hold the same energy, each direction by itself', async () => {
    await world.close('2026-11-10', [() => 100, () => 7], { asset: SOLAR });
    await world.project();
    const xml = (await file('espi', '2026-11-10', '2026-11-11')).text;
    expect(xml.match(/<value>100<\/value>/g)).toHaveLength(96);
    expect(xml.match(/<value>7<\/value>/g)).toHaveLength(96);
    const json = await world.of<{ series: { direction: string; rows: { energy: number }[] }[] }>('download', {
      query: { form: 'json', from: '2026-11-10', until: '2026-11-11' },
    });
    const sums = json.body.series.map(({ direction, rows }) => [direction, rows.reduce((sum, { energy }) => sum + energy, 0)]);
    expect(sums).toEqual([
      ['import', 9_600],
      ['export', 672],
    ]);
  });

  it('hold at most 400 days', async () => {
    expect((await file('csv', '2025-10-01', '2026-11-06')).status).toBe(400);
  });
});

/** What is released of a quarter, as lambdas/deidentify leaves it. */
async function released(leaves: readonly string[], meanKWh: number): Promise<void> {
  const { events, objects } = world.world;
  const quarter = '2026-Q3';
  const tables = { quarter, research: [], similarHomes: [{ area: 'area-1', month: '2026-09', meanKWh }] };
  const key = 'tables/x';
  await objects.put(key, Buffer.from(JSON.stringify(tables)));
  await runDecider(events, RELEASE_STREAM, release, {
    type: 'ReleaseTables',
    tables: { quarter, areas: [], suppressed: 0, key, sha256: 'x'.repeat(64), at: 1 },
  });
  const area = { area: 'area-1', leaves, intervalMinutes: 15, slotsPerHome: 1, homes: 120 };
  const data = { quarter, part: 1, parts: 1, areas: [area], withheld: [], at: 1, seq: 1, prev: '0'.repeat(64), hash: 'h', jws: 'j' };
  const head = await events.head('area/partition');
  await events.append(head, { commitId: Buffer.alloc(32, 7), events: [{ type: 'AreaPartitioned', data } as never] }).durable;
}

const similar = (month: string, as = ANNA, usagePoint = POINT) => world.of<SimilarHomes>('similar', { as, query: { month } }, usagePoint);

describe('similar homes', () => {
  it('C10.4-3: are told from the released table alone: of its months, for homes of its areas, the same to everybody', async () => {
    await released(['north-1'], 298);
    const told = { meanWh: 298_000, homes: '100+' };
    expect((await similar('2026-09')).body).toMatchObject({ month: '2026-09', similar: told });
    expect((await similar('2026-10')).body.similar).toBeNull();
    await world.home('home-2', BEN);
    expect((await similar('2026-09', BEN, 'home-2')).body.similar).toEqual(told);
  });

  it('C10.4-3: where nothing was released of the area nothing is told', async () => {
    expect((await similar('2026-09')).body.similar).toBeNull();
    await released(['south-9'], 298);
    expect((await similar('2026-09')).body.similar).toBeNull();
  });

  it('stand beside the own month when nearly all of it is known, less what was fed in', async () => {
    const days = Array.from({ length: 30 }, (_, i) => plusDays('2026-10-01', i));
    for (const day of days.slice(0, 20)) await world.close(day, [() => 100, () => 7], { asset: SOLAR });
    await world.project();
    expect((await similar('2026-10')).body.ownWh).toBeNull();
    for (const day of days.slice(20)) await world.close(day, [() => 100, () => 7], { asset: SOLAR });
    await world.project();
    const slots = (localDay('2026-10-31', ZONE).start - localDay('2026-10-01', ZONE).start) / 900;
    expect((await similar('2026-10')).body.ownWh).toBe(slots * 93);
  });
});
