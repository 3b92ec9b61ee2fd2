import { describe, expect, it } from 'vitest';
import { numberOf } from '../../domain/demand/forecast/model-record.ts';
import { energyAt } from '../../domain/demand/forecast/series.ts';
import type { AreaEvent, DomainEvent, FeedItem, ForecastEvent, ForecastIssued, ForecastModelFitted } from '../../events/index.ts';
import { readAreaSeries, seriesUntil } from '../../lambdas/forecast/area-series.ts';
import { expectedDemand } from '../../lambdas/forecast/expected-demand.ts';
import { makeForecast } from '../../lambdas/forecast/handler.ts';
import { forecastValues } from '../../lambdas/forecast/issue.ts';
import { dueIssues } from '../../lambdas/forecast/issues.ts';
import { recordedModel } from '../../lambdas/forecast/models.ts';
import { forecastPayload } from '../../lambdas/forecast/payload.ts';
import { localDay, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { GRANTS } from '../../topology/grants.ts';
import { KEY_TABLE } from '../../topology/key-table.ts';
import { KMS_KEYS } from '../../topology/keys.ts';
import { permits } from '../../topology/principals.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { lambdaContext } from '../support/sqs.ts';
import { LONDON } from './series.ts';

const MINUTES = 30;
const STEP = MINUTES * 60;
const ITEM: FeedItem = { seq: 1, prevHash: '', hash: '', jws: '', at: 0 };
const AREA = 'north';
/** The clock goes back on 25 October 2026: a day of 50 half-hours. */
const FIRST_DAY = '2026-08-03';
const A_WEDNESDAY = '2026-10-21';
const LONG_DAY = '2026-10-25';

const facts = { initial: undefined, evolve: (state: undefined) => state, decide: (events: readonly DomainEvent[]) => events };

/** An area of which every half-hour was published. */
class Published {
  readonly world = new MemoryWorld();
  readonly #handler = makeForecast(this.world.as('forecast'), LONDON);

  static async until(day: string, change = (energyWh: number, _end: number): number => energyWh): Promise<Published> {
    const published = new Published();
    const areas = [{ area: AREA, leaves: [AREA], intervalMinutes: MINUTES, slotsPerHome: 1 }];
    await published.record('area/partition', [
      { type: 'AreaPartitioned', data: { ...ITEM, quarter: '2026-Q4', part: 1, parts: 1, areas, withheld: [] } },
    ]);
    await published.tell(localDay(FIRST_DAY, LONDON).start, localDay(day, LONDON).start, change);
    return published;
  }

  async record(stream: string, events: readonly DomainEvent[]): Promise<void> {
    await this.recordAs('ems', stream, events);
  }

  async recordAs(principal: 'ems' | 'forecast', stream: string, events: readonly DomainEvent[]): Promise<void> {
    await runDecider(this.world.as(principal).events, stream, facts, [events]);
  }

  async tell(from: number, until: number, change = (energyWh: number, _end: number): number => energyWh): Promise<void> {
    const events: AreaEvent[] = [];
    for (let end = from + STEP; end <= until; end += STEP) events.push(demand(end, change(usual(end), end)));
    for (let at = 0; at < events.length; at += 100) await this.record(`area/${AREA}`, events.slice(at, at + 100));
  }

  async run(at: string): Promise<void> {
    this.world.clock.set(Date.parse(at));
    await this.#handler({} as never, lambdaContext('forecast'));
  }

  get facts(): readonly ForecastEvent[] {
    return this.world.events.eventsOf(`forecast/${AREA}`) as readonly ForecastEvent[];
  }

  get forecasts(): readonly ForecastIssued[] {
    return this.facts.flatMap((event) => (event.type === 'ForecastIssued' ? [event.data] : []));
  }

  get models(): readonly ForecastModelFitted[] {
    return this.facts.flatMap((event) => (event.type === 'ForecastModelFitted' ? [event.data] : []));
  }
}

async function numbersIn(town: Published, hash: string): Promise<Uint8Array> {
  return (await town.world.as('forecast').objects.get(`forecast-models/${hash}`))!;
}

function usual(end: number): number {
  const hour = (end % 86_400) / 3_600;
  const weekday = new Date(end * 1000).getUTCDay();
  return Math.round(
    (weekday % 6 === 0 ? 34_000 : 40_000) * (1 + 0.3 * Math.sin((hour / 12) * Math.PI)) * (1 + 0.02 * Math.sin(end / 7_919)),
  );
}

function demand(end: number, netWh: number, measured = 500): AreaEvent {
  const counts = { expected: 500, measured, held: 0, exporting: 0 };
  return { type: 'AreaDemandPublished', data: { ...ITEM, area: AREA, intervalMinutes: MINUTES, end, netWh, counts } };
}

describe('forecasts of areas', { timeout: 60_000 }, () => {
  it('are due when what they are made from is told, and are made up for until the day is over', () => {
    const at = (time: string) =>
      dueIssues(Date.parse(`2026-10-20T${time}Z`), LONDON, MINUTES).map(({ issue, day, knownSlots }) => [issue, day, knownSlots]);
    expect(at('00:00')).toEqual([]);
    expect(at('00:15')).toEqual([['midnight', '2026-10-20', 48]]);
    expect(at('10:00')).toHaveLength(1);
    expect(at('10:15').slice(1)).toEqual([['day-ahead', '2026-10-21', 20]]);
    expect(at('22:45').map(([issue]) => issue)).toEqual(['midnight', 'day-ahead']);
  });

  it('are recorded once with their model, by slot of a day that has 50 half-hours', async () => {
    const town = await Published.until(LONG_DAY);
    await town.run('2026-10-25T01:20:00Z');
    await town.run('2026-10-25T02:20:00Z');
    expect(town.facts.map(({ type }) => type)).toEqual(['ForecastModelFitted', 'ForecastIssued']);
    const [forecast] = town.forecasts;
    expect(forecast).toMatchObject({ area: AREA, issue: 'midnight', day: LONG_DAY, model: 1, start: localDay(LONG_DAY, LONDON).start });
    expect(forecast!.energyWh).toHaveLength(50);
    // 01:00 and 01:30 come twice.
    expect(forecast!.energyWh.slice(2, 4)).toEqual(forecast!.energyWh.slice(4, 6));
    for (const [slot, value] of forecast!.energyWh.entries()) {
      expect(forecast!.contributions.reduce((sum, { energyWh }) => sum + energyWh[slot]!, 0)).toBe(value);
      expect(forecast!.lowerWh[slot]! <= value! && value! <= forecast!.upperWh[slot]!).toBe(true);
    }
  });

  it('can be made again from what was recorded: the model, and the area as far as it was known', async () => {
    const town = await Published.until('2026-10-24');
    await town.run('2026-10-24T01:20:00Z');
    const [forecast] = town.forecasts;
    const [fitted] = town.models;
    // What comes later, and even a revision of what was there, changes nothing of it.
    const { start } = localDay('2026-10-24', LONDON);
    await town.tell(start, start + 86_400, (energyWh) => energyWh * 3);
    const revised = demand(start - STEP, 1).data as FeedItem & { end: number };
    await town.record(`area/${AREA}`, [{ type: 'AreaRevised', data: { ...revised, revision: 2 } } as AreaEvent]);
    const platform = town.world.as('forecast');
    const then = (await readAreaSeries(platform.events, AREA, forecast!.areaVersion))!;
    const model = await recordedModel(platform.objects, fitted!);
    const { start: begin, energyWh, lowerWh, upperWh, contributions } = forecast!;
    expect(forecastValues(model, then, forecast!.day)).toEqual({ start: begin, energyWh, lowerWh, upperWh, contributions });
    const now = (await readAreaSeries(platform.events, AREA))!;
    expect(forecastValues(model, now, forecast!.day).energyWh).not.toEqual(energyWh);
  });

  it('are not made with a model of other columns: it is refused, and fitted again on the very day', async () => {
    const town = await Published.until('2026-10-24');
    await town.run('2026-10-24T01:20:00Z');
    const [{ columnsVersion: _none, ...before }] = town.models as [ForecastModelFitted];
    const old = await Published.until('2026-10-24');
    await old.world.as('forecast').objects.put(`forecast-models/${before.numbers}`, Buffer.from(await numbersIn(town, before.numbers)));
    await old.recordAs('forecast', `forecast/${AREA}`, [{ type: 'ForecastModelFitted', data: before }]);
    await expect(recordedModel(old.world.as('forecast').objects, before)).rejects.toMatchObject({ code: 'ERR_FORECAST_COLUMNS' });
    await old.run('2026-10-24T01:20:00Z');
    expect(old.models.map(({ generation, until }) => [generation, until])).toEqual([
      [1, '2026-10-24'],
      [2, '2026-10-24'],
    ]);
    expect(old.forecasts).toMatchObject([{ model: 2, energyWh: town.forecasts[0]!.energyWh }]);
  });

  it('of tomorrow know today until 10:00 alone', async () => {
    const day = '2026-10-21';
    const { start } = localDay(day, LONDON);
    const at = async (change: (energyWh: number, end: number) => number) => {
      const town = await Published.until(plusDays(day, 1), change);
      await town.run('2026-10-21T20:00:00Z');
      return town.forecasts.find(({ issue }) => issue === 'day-ahead')!;
    };
    const ten = start + 10 * 3_600;
    const [one, later, earlier] = [
      await at((energyWh) => energyWh),
      await at((wh, end) => (end > ten ? wh + 9_000 : wh)),
      await at((wh, end) => (end === ten ? wh + 9_000 : wh)),
    ];
    expect(one.day).toBe('2026-10-22');
    expect(later.energyWh).toEqual(one.energyWh);
    expect(earlier.energyWh).not.toEqual(one.energyWh);
  });

  it('are not made of an area that is too young, and nothing is recorded', async () => {
    const town = await Published.until('2026-08-08');
    await town.run('2026-08-08T02:00:00Z');
    expect(town.facts).toEqual([]);
    expect(town.world.events.eventsOf(`area/${AREA}`).length).toBeGreaterThan(0);
  });

  it('take an interval of which many homes are missing for none, and the newest revision for the value', async () => {
    const town = await Published.until('2026-09-22');
    const { start } = localDay('2026-09-22', LONDON);
    await town.record(`area/${AREA}`, [demand(start + STEP, 20_000, 440), demand(start + 2 * STEP, 21_000)]);
    await town.record(`area/${AREA}`, [
      { type: 'AreaRevised', data: { ...demand(start + 2 * STEP, 22_000).data, revision: 2 } } as AreaEvent,
    ]);
    const series = seriesUntil((await readAreaSeries(town.world.as('forecast').events, AREA))!, LONDON);
    const day = numberOf('2026-09-22');
    expect([energyAt(series, day, 0), energyAt(series, day, 1)]).toEqual([Number.NaN, 22_000]);
  });

  it('T8-P6: an area whose meters all report a plausible +30 % leaves the band of the forecast, an honest one stays in it', async () => {
    const town = await Published.until(A_WEDNESDAY);
    await town.run(`${A_WEDNESDAY}T01:20:00Z`);
    const expected = expectedDemand(town.world.as('ems'));
    const { start } = localDay(A_WEDNESDAY, LONDON);
    let [honest, lying] = [0, 0];
    for (let end = start + STEP; end <= start + 86_400; end += STEP) {
      const { lowWh, highWh } = (await expected(AREA, end))!;
      if (usual(end) < lowWh || usual(end) > highWh) honest++;
      if (usual(end) * 1.3 < lowWh || usual(end) * 1.3 > highWh) lying++;
    }
    expect(honest).toBeLessThanOrEqual(10);
    expect(lying).toBe(48);
    expect(await expected(AREA, start + 3 * 86_400)).toBeUndefined();
  });

  it('are told with their band and without what the model looked at', async () => {
    const town = await Published.until('2026-10-24');
    await town.run('2026-10-24T01:20:00Z');
    const told = forecastPayload(town.forecasts[0]!);
    expect(Object.keys(told).sort()).toEqual(['area', 'day', 'intervalMinutes', 'issue', 'kind', 'slots', 'zone']);
    expect(told.slots).toHaveLength(48);
    expect(told.slots[0]).toEqual({
      end: localDay('2026-10-24', LONDON).start + STEP,
      energyWh: town.forecasts[0]!.energyWh[0],
      lowerWh: town.forecasts[0]!.lowerWh[0],
      upperWh: town.forecasts[0]!.upperWh[0],
    });
  });

  it('C10.1-1: the function may open streams of areas, write those of forecasts, and has the key of no subject', () => {
    const rows = KEY_TABLE.filter(({ allow }) => allow.forecast !== undefined).map(({ prefix, allow }) => [
      prefix,
      permits(allow, 'forecast', 'put'),
    ]);
    expect(rows).toEqual([
      ['stream-class/area/', false],
      ['stream-class/forecast/', true],
    ]);
    expect(KMS_KEYS.filter(({ allow }) => permits(allow, 'forecast', 'decrypt')).map(({ id }) => id)).toEqual(['store-kek']);
    expect(GRANTS.forecast).toMatchObject({ models: [], directory: [], sends: [], gateway: [], bus: false });
  });
});
