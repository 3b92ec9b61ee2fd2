import { describe, expect, it } from 'vitest';
import { followOnce } from '../../devices/home-display/follow.ts';
import { plainLine, type Screen, screenLines, sparkline, UNMEASURED } from '../../devices/home-display/terminal.ts';
import { MIDNIGHT, PROGRAM, PriceWorld, ZONE } from './price-world.ts';

const HALF_HOUR = 1_800;

function screenOf({ display }: PriceWorld): Screen {
  const { decisions, reports } = display.memory;
  const shedW = display.shed(UNMEASURED);
  return { zone: ZONE, timeZone: 'UTC', now: display.now, shown: display.shown(), upcoming: display.upcoming(), decisions, reports, shedW };
}

describe('the screen', () => {
  it('says the price, in which part of the day’s it lies, that it is live, and when it is cheapest', () => {
    const world = new PriceWorld().following(10);
    expect(screenLines(screenOf(world))).toEqual([
      'Zone north, 2026-06-10 05:00 UTC',
      'Price now   0.2210 EUR/kWh, low',
      '            live, until 2026-06-10 05:30',
      `Next 24 h   ${'▁▁▁▂▂▂▂▂▃▃▃▃▃▃▄▄▄▄▄▅▅▅▅▅▆▆▆▆▆▆▇▇▇▇▇███'}`,
      'Cheapest    2026-06-10 05:00 for 30 minutes, 0.2200 EUR/kWh',
      'Event       none',
      'Noticed     nothing',
    ]);
    expect(plainLine(screenOf(world))).toBe('2026-06-10 05:00 0.2210 EUR/kWh, low, live');
  });

  it('T8.3-1: says NOT LIVE where the price is the tariff’s, an old tariff’s, or not known', () => {
    const world = new PriceWorld().following(10).at(MIDNIGHT + 20 * HALF_HOUR);
    expect(screenLines(screenOf(world))[2]).toMatch(/NOT LIVE: the tariff of the day/);
    expect(screenLines(screenOf(world.at(MIDNIGHT + 60 * HALF_HOUR)))[2]).toMatch(/NOT LIVE: the last tariff/);
    expect(plainLine(screenOf(world))).toMatch(/not live \(last-day-ahead\)$/);
    const blank = screenLines(screenOf(new PriceWorld()));
    expect(blank[1]).toBe('Price now   --');
    expect(blank[2]).toMatch(/NOT LIVE: no price is known/);
    expect(blank[3]).toBe('Next 24 h   not known');
  });

  it('tells of an event before it begins, while it lasts, and that it was refused', () => {
    const world = new PriceWorld().following(10);
    world.display.take(world.event({ level: 2 }));
    expect(screenLines(screenOf(world))[5]).toMatch(/^Event {7}level 2 from 2026-06-10 18:/);
    world.at(world.display.memory.decisions[0]!.from);
    expect(screenLines(screenOf(world))[5]).toMatch(/level 2 now, 666 W less/);
    const strict = new PriceWorld({ highestLevel: 0 }).following(10);
    strict.display.take(strict.event());
    expect(screenLines(screenOf(strict))[5]).toMatch(/refused: level$/);
    const out = new PriceWorld({ optOut: true }).following(10);
    out.display.take(out.event());
    expect(screenLines(screenOf(out))[5]).toMatch(/not taking part/);
  });

  it('a line of bars has at most 48, from the lowest to the highest', () => {
    const slots = (prices: readonly number[]) =>
      prices.map((priceMicroPerKWh, i) => ({ at: i * 300, minutes: 5, priceMicroPerKWh, band: '' }));
    expect(sparkline(slots([1, 1, 1]))).toBe('▁▁▁');
    expect(sparkline(slots([-5, 0, 2]))).toBe('▁▆█');
    expect(sparkline(slots(Array.from({ length: 288 }, (_, i) => i)))).toHaveLength(48);
  });
});

describe('following a service', () => {
  it('takes keys, tariffs, prices and events of what it answers, and nothing of any other shape', async () => {
    const world = new PriceWorld().at(MIDNIGHT);
    const asked: string[] = [];
    const prices = { keys: world.keyList(), tariffs: [world.dayAhead(), 7], prices: [world.price(0)], more: 'x' };
    const events = { events: [world.event()] };
    const fetch = async (path: string) => {
      asked.push(path);
      return path.startsWith('/v1/prices') ? prices : events;
    };
    expect(await followOnce(world.display, fetch, ZONE, [PROGRAM])).toBe(true);
    expect(asked).toEqual([`/v1/prices/${ZONE}?after=0`, `/v1/demand-response/${PROGRAM}?after=0`]);
    expect(world.display.shown().live).toBe(true);
    expect(world.display.memory.decisions).toHaveLength(1);
    for (const nothing of [undefined, null, [], 'text', { prices: 'text' }]) await followOnce(world.display, async () => nothing, ZONE, []);
    expect(world.display.shown().live).toBe(true);
    expect(asked).toHaveLength(2);
  });
});
