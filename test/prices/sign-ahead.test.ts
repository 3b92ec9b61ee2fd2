import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HomeDisplay } from '../../devices/home-display/display.ts';
import { priceZone } from '../../domain/price/price-zone.ts';
import { addDays } from '../../domain/tariff/dates.ts';
import type { PriceClaims } from '../../events/index.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { TariffLibrary } from '../../lambdas/billing/tariff-library.ts';
import { makePrices } from '../../lambdas/prices/handler.ts';
import { pinRoot, tellDisplayKeys } from '../../lambdas/prices/key-list.ts';
import { signAhead } from '../../lambdas/prices/sign-ahead.ts';
import { dayPrices } from '../../lambdas/prices/slot-prices.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { foldStream, runDecider } from '../../lambdas/shared/streams.ts';
import { dayOf, inputOf, LONDON, midnight, statementOf } from '../billing/given-period.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { LIMITS, MemoryRecord } from './price-world.ts';

const SUMMER = Date.parse('2013-06-12T10:10:00Z');
/** A market with a negative hour, from the 10th to the 13th of June and no further. */
const MARKET = [
  'start_utc,price_per_mwh',
  ...Array.from({ length: 96 }, (_, i) => `${hour(i)},${i % 24 === 13 ? -120 : 30 + (i % 24)}.5`),
].join('\n');

function hour(i: number): string {
  return `${new Date(Date.parse('2013-06-09T22:00Z') + i * 3_600_000).toISOString().slice(0, 16)}Z`;
}

function file(name: string) {
  return { file: name, text: readFileSync(fileURLToPath(new URL(`../../tariffs/${name}.json`, import.meta.url)), 'utf8') };
}

async function zoneOf(tariff: string, series = new Map(), { minutes = 30, spread = '0', timeZone = LONDON, now = SUMMER } = {}) {
  const world = new MemoryWorld({ now });
  await publishTariff(world.as('billing'), file(tariff), series);
  await settle(world, { tariff, timeZone, minutes, spreadMicroPerKWh: spread });
  return world;
}

async function settle(world: MemoryWorld, settings: { tariff: string; timeZone: string; minutes: number; spreadMicroPerKWh: string }) {
  const { events } = world.as('prices');
  await runDecider(events, 'price/north', priceZone, { type: 'ProposeZone', zone: 'north', settings, by: 'ann', at: 1 });
  await runDecider(events, 'price/north', priceZone, { type: 'ApproveZone', zone: 'north', by: 'bob', at: 2 });
}

async function published(world: MemoryWorld) {
  const days: { jws: string }[] = [];
  const prices: { claims: PriceClaims; jws: string }[] = [];
  for await (const { events } of world.as('price-api').events.read('price/north')) {
    for (const event of events) {
      if (event.type === 'DayAheadPublished') days.push(event.data);
      if (event.type === 'PricePublished') prices.push(event.data);
    }
  }
  return { days, prices };
}

describe('a zone', () => {
  it('is signed ahead: two days, the interval that runs and the next, once', async () => {
    const world = await zoneOf('day-night');
    expect(await signAhead(world.as('prices'), 'north')).toEqual({ days: 2, prices: 2, refused: 0, unpriced: 0 });
    expect(await signAhead(world.as('prices'), 'north')).toEqual({ days: 0, prices: 0, refused: 0, unpriced: 0 });
    world.clock.advance(30 * 60_000);
    expect(await signAhead(world.as('prices'), 'north')).toMatchObject({ days: 0, prices: 1 });
    world.clock.advance(24 * 3_600_000);
    expect(await signAhead(world.as('prices'), 'north')).toMatchObject({ days: 1, prices: 2 });
    const { prices } = await published(world);
    expect(prices.map(({ claims }) => claims.seq)).toEqual([1, 2, 3, 4, 5]);
    for (const { claims } of prices) expect(claims.exp - claims.nbf).toBeLessThanOrEqual(2 * 30 * 60);
  });

  it('is signed by two keys, each of which signs nothing else', async () => {
    const world = await zoneOf('day-night');
    await signAhead(world.as('prices'), 'north');
    expect(world.kms.calls.filter((call) => call.includes(' sign ')).sort()).toEqual([
      'prices sign price',
      'prices sign price',
      'prices sign tariff',
      'prices sign tariff',
    ]);
    await expect(world.as('price-api').kms.sign('price', Buffer.from('x'))).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
  });

  it('changes its band only by two persons', async () => {
    const world = await zoneOf('day-night');
    const { events } = world.as('prices');
    const settings = { tariff: 'day-night', timeZone: LONDON, minutes: 30, spreadMicroPerKWh: '500000' };
    const propose = { type: 'ProposeZone', zone: 'north', settings, by: 'ann', at: 3 } as const;
    await runDecider(events, 'price/north', priceZone, propose);
    const alone = runDecider(events, 'price/north', priceZone, { type: 'ApproveZone', zone: 'north', by: 'ann', at: 4 });
    await expect(alone).rejects.toMatchObject({ code: 'ERR_SECOND_PERSON' });
    expect((await foldStream(events, 'price/north', priceZone)).state.settings?.spreadMicroPerKWh).toBe('0');
    await runDecider(events, 'price/north', priceZone, { type: 'ApproveZone', zone: 'north', by: 'bob', at: 5 });
    expect((await foldStream(events, 'price/north', priceZone)).state.settings?.spreadMicroPerKWh).toBe('500000');
  });

  it('T8.3-1: nothing outside the band is signed, whoever asks', async () => {
    const world = await zoneOf('london-flat', new Map(), { spread: '10' });
    await signAhead(world.as('prices'), 'north');
    const { events } = world.as('prices');
    const { state } = await foldStream(events, 'price/north', priceZone);
    const offer = { zone: 'north', start: state.latest!.start + 1800, minutes: 30, prices: [142_291] };
    expect(priceZone.decide({ type: 'OfferPrice', ...offer, at: 9 }, state)).toMatchObject([
      { type: 'PriceRefused', data: { reason: 'outside-band' } },
    ]);
    const claims = { ...state.latest!, ...offer, seq: state.priceHead.seq + 1, prevHash: state.priceHead.hash };
    const publish = { type: 'PublishPrice', claims, jws: '', hash: '', at: 9 } as const;
    expect(() => priceZone.decide(publish, state)).toThrow(expect.objectContaining({ code: 'ERR_PRICE_OUTSIDE_BAND' }));
    expect(priceZone.decide({ ...publish, claims: { ...claims, prices: [142_290] } }, state)).toHaveLength(1);
    const uncovered = { ...offer, start: offer.start + 5 * 86_400 };
    expect(priceZone.decide({ type: 'OfferPrice', ...uncovered, at: 9 }, state)).toMatchObject([{ data: { reason: 'no-day-ahead' } }]);
    expect(() => priceZone.decide({ ...publish, claims: { ...claims, seq: 99 } }, state)).toThrow(/does not follow/);
  });

  it('that can’t be priced tomorrow yet is signed for today, and one that fails leaves the others alone', async () => {
    const series = new Map([['day-ahead', { file: 'market', text: MARKET }]]);
    const world = await zoneOf('hourly-market', series, { minutes: 60, now: Date.parse('2013-06-13T10:00Z'), timeZone: 'Europe/Berlin' });
    expect(await signAhead(world.as('prices'), 'north')).toEqual({ days: 1, prices: 2, refused: 0, unpriced: 1 });
    const settings = { tariff: 'unknown', timeZone: LONDON, minutes: 30, spreadMicroPerKWh: '0' };
    const { events } = world.as('prices');
    await runDecider(events, 'price/lost', priceZone, { type: 'ProposeZone', zone: 'lost', settings, by: 'ann', at: 1 });
    await runDecider(events, 'price/lost', priceZone, { type: 'ApproveZone', zone: 'lost', by: 'bob', at: 2 });
    world.clock.advance(3_600_000);
    await makePrices(world.as('prices'))({} as never, {} as never);
    expect(world.logged.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { code: 'ERR_TARIFF_UNKNOWN' } }]);
    expect((await published(world)).prices.map(({ claims }) => claims.seq)).toEqual([1, 2, 3]);
  });
});

describe('the price of a slot', () => {
  const market = new Map([['day-ahead', { file: 'market', text: MARKET }]]);
  it.each([
    { name: 'london-flat', zone: LONDON, minutes: 30, series: new Map() },
    { name: 'day-night', zone: 'Europe/Berlin', minutes: 15, series: new Map() },
    { name: 'hourly-market', zone: 'Europe/Berlin', minutes: 60, series: market },
  ])('is what the bill charges for it, before tax: $name', async ({ name, zone, minutes, series }) => {
    const day = '2013-06-12';
    const world = new MemoryWorld({ now: SUMMER });
    await publishTariff(world.as('billing'), file(name), series);
    const [assigned] = await new TariffLibrary(world.as('billing')).versions(name);
    const priced = dayPrices([assigned!], localDay(day, zone), minutes, zone);
    expect(priced.prices).toHaveLength(1440 / minutes);
    for (const [i, price] of priced.prices.entries()) {
      const days = [dayOf(day, [{ slot: (_, slot) => (slot === i ? 1_000 : 0) }], { zone, minutes })];
      const { lines } = statementOf({ from: day, until: addDays(day, 1), zone, days, tariffs: [assigned!] });
      const charged = lines.filter(({ code }) => code.startsWith('energy/')).reduce((sum, { amountMicro }) => sum + Number(amountMicro), 0);
      expect([i, price]).toEqual([i, charged]);
    }
    expect(inputOf({ from: day, until: addDays(day, 1) }).standingDays).toEqual([day]);
  });

  it('follows the clock on the wall on days that have 23 and 25 hours', async () => {
    const world = await zoneOf('day-night');
    const versions = await new TariffLibrary(world.as('billing')).versions('day-night');
    const [spring, autumn] = ['2013-03-31', '2013-10-27'].map((day) => dayPrices(versions, localDay(day, LONDON), 30, LONDON));
    expect([spring!.prices.length, autumn!.prices.length]).toEqual([46, 50]);
    expect(spring!.start).toBe(midnight('2013-03-31', LONDON));
  });
});

it('a display with nothing but the root pinned follows the service from install to the next day', async () => {
  const world = await zoneOf('day-night');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const root = createPublicKey(privateKey);
  const bySigning = async (input: Buffer) => sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  await pinRoot(world.as('operator-cli'), root.export({ format: 'der', type: 'spki' }));
  const service = { newestGeneration: async (id: string) => ({ id, createdAt: SUMMER }) };
  const keys = await tellDisplayKeys(world.as('operator-cli'), service, bySigning);
  expect(await tellDisplayKeys(world.as('operator-cli'), service, bySigning)).toBe(keys);
  expect(await tellDisplayKeys(world.as('operator-cli'), service, bySigning, 2)).not.toBe(keys);
  const display = new HomeDisplay({
    zone: 'north',
    programs: [],
    limits: LIMITS,
    root,
    record: new MemoryRecord(),
    clock: world.clock,
    random: randomBytes,
    defences: defencesUnderTest(),
    identity: '',
  });
  display.take(keys);
  for (let step = 0; step < 60; step++) {
    await signAhead(world.as('prices'), 'north');
    const { days, prices } = await published(world);
    const now = world.clock.now() / 1000;
    for (const { jws } of days) display.take(jws);
    const after = display.memory.prices.seq;
    display.takeChain(prices.filter(({ claims }) => claims.nbf <= now && claims.seq > after).map(({ jws }) => jws));
    const shown = display.shown();
    const expected = dayPrices(await new TariffLibrary(world.as('prices')).versions('day-night'), localDay(dayAt(now), LONDON), 30, LONDON);
    expect(shown).toMatchObject({ live: true, priceMicroPerKWh: expected.prices[Math.floor((now - expected.start) / 1800)]! });
    expect(shown.band).toMatch(/^(day|night|peak)$/);
    expect(display.reports).toEqual([]);
    world.clock.advance(30 * 60_000);
  }
});

function dayAt(at: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: LONDON, dateStyle: 'short' }).format(at * 1000);
}
