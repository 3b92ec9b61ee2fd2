import { describe, expect, it } from 'vitest';
import { type DayAheadClaims, PRICE_ISSUER, PRICE_LIMIT, PRICE_UNIT, type PriceClaims } from '../../events/index.ts';
import { readDayAhead, readDemandResponse, readPrice } from '../../protocol/price/claims.ts';
import { bandFault, denseChainFault, slotAt, sparseChainFault } from '../../protocol/price/rules.ts';

const START = 1_800_000_000;
const CHAINED = { iss: PRICE_ISSUER, seq: 1, prevHash: '', iat: START - 60, nbf: START, exp: START + 3600 } as const;
const PRICE: PriceClaims = { ...CHAINED, zone: 'north', unit: PRICE_UNIT, start: START, minutes: 30, prices: [100, 200] };
const DAY: DayAheadClaims = {
  ...PRICE,
  prices: [100, 200, 300],
  low: [90, 190, 290],
  high: [110, 210, 310],
  bands: ['', 'peak', ''],
  currency: 'EUR',
  tariff: 'dynamic',
  version: 0,
  chain: { seq: 0, hash: '' },
};
const interval = { id: 0, payloads: [{ type: 'SIMPLE', values: [1] }] };
const EVENT = {
  id: 'e1',
  programID: 'evening',
  objectType: 'EVENT',
  intervalPeriod: { start: '2026-06-10T18:00:00Z', duration: 'PT60M', randomizeStart: 'PT30M' },
  intervals: [interval],
};
const WISH = { ...CHAINED, program: 'evening', event: EVENT };
const LONG = 'x'.repeat(128);

/** What no field holds. */
const ODD = [null, true, {}, [], -1, 0.5, 2 ** 53, `${LONG}x`];

/** The claims with each of these values in one of these fields. */
function spoiled(claims: object, fields: Readonly<Record<string, readonly unknown[]>>): (readonly [string, object])[] {
  return Object.entries(fields).flatMap(([name, values]) =>
    values.map((value) => [`${name} ${JSON.stringify(value)?.slice(0, 40)}`, { ...claims, [name]: value }] as const),
  );
}

const TEXT = [...ODD, 7, ''];
const COUNT = [...ODD, '7', ''];
const CHAIN_FIELDS = {
  iss: [...ODD, '', 'somebody'],
  seq: [...COUNT, 0],
  prevHash: [...ODD, 7],
  iat: COUNT,
  nbf: COUNT,
  exp: [...COUNT, START],
};
const PRICED_FIELDS = { zone: TEXT, unit: [...ODD, '', 'EUR/kWh'], start: COUNT, minutes: [...COUNT, 0, 1, 10, 20, 45, 120] };
const PRICES = [...ODD, [], [null], ['1'], [0.5], [PRICE_LIMIT + 1, 0], [0, -PRICE_LIMIT - 1]];

describe('claims of real-time prices', () => {
  it('are one price or two, from the start of their interval to the end of the last', () => {
    expect(readPrice(PRICE)).toBe(PRICE);
    const one = { ...PRICE, prices: [PRICE_LIMIT], exp: START + 1800, zone: LONG, prevHash: LONG };
    expect(readPrice(one)).toBe(one);
    for (const minutes of [5, 15, 30, 60])
      expect(readPrice({ ...PRICE, minutes, prices: [-PRICE_LIMIT, 0], exp: START + 2 * minutes * 60 })).toBeDefined();
    expect(readPrice({ ...PRICE, prices: [1, 2, 3], exp: START + 5400 })).toBeUndefined();
  });

  it.each([
    ...spoiled(PRICE, { ...CHAIN_FIELDS, ...PRICED_FIELDS, prices: [...PRICES, [1], [1, 2, 3]] }),
    ...spoiled(PRICE, { nbf: [START - 1, START + 1], exp: [START + 1800, START + 3601], note: [1], start: [START + 1] }),
  ])('are none with %s', (_, claims) => {
    expect(readPrice(claims)).toBeUndefined();
  });

  it('are none with a field too few, and none at all is none', () => {
    for (const name of Object.keys(PRICE)) {
      const { [name as 'seq']: _, ...without } = PRICE;
      expect(readPrice(without)).toBeUndefined();
      expect(readPrice({ ...without, note: 1 })).toBeUndefined();
    }
    for (const nothing of [undefined, null, 7, 'price', []]) expect(readPrice(nothing)).toBeUndefined();
  });
});

describe('claims of a day-ahead tariff', () => {
  it('are prices within their bands, both ends included, of at most 300 intervals', () => {
    expect(readDayAhead(DAY)).toBe(DAY);
    for (const prices of [DAY.low, DAY.high]) expect(readDayAhead({ ...DAY, prices })).toBeDefined();
    const many = (count: number) => {
      const list = Array(count).fill(5);
      return readDayAhead({ ...DAY, prices: list, low: list, high: list, bands: list.map(() => LONG) });
    };
    expect([many(1), many(300)].map((claims) => claims?.prices.length)).toEqual([1, 300]);
    expect([many(0), many(301)]).toEqual([undefined, undefined]);
    expect(readDayAhead({ ...DAY, tariff: LONG, version: 7, chain: { seq: 9, hash: LONG } })).toBeDefined();
  });

  it.each([
    ...spoiled(DAY, { ...CHAIN_FIELDS, ...PRICED_FIELDS, prices: [...PRICES, [100, 200], [100, 189, 300], [111, 200, 300]] }),
    ...spoiled(DAY, {
      low: [...PRICES, [90, 190], [90, 190, 290, 0], [90, 201, 290]],
      high: [...PRICES, [110, 210], [110, 210, 310, 0], [110, 199, 310]],
      bands: [...ODD, ['', ''], ['', '', '', ''], ['', '', 7], ['', '', []], ['', '', `${LONG}x`]],
      currency: [...ODD, 7, '', ['EUR'], 'eur', 'EU', 'EURO', ' EUR'],
      tariff: TEXT,
      version: COUNT,
      chain: [
        ...ODD,
        { seq: 0 },
        { hash: '' },
        { seq: -1, hash: '' },
        { seq: 0, hash: 7 },
        { seq: 0, hash: [] },
        { seq: 0, hash: `${LONG}x` },
      ],
      note: [1],
    }),
  ])('are none with %s', (_, claims) => {
    expect(readDayAhead(claims)).toBeUndefined();
  });

  it('are none of the other kind, nor with a field too few', () => {
    expect([readDayAhead(PRICE), readPrice(DAY), readPrice(WISH), readDemandResponse(PRICE)]).toEqual(Array(4).fill(undefined));
    for (const name of Object.keys(DAY)) {
      const { [name as 'seq']: _, ...without } = DAY;
      expect([readDayAhead(without), readDayAhead({ ...without, note: 1 })]).toEqual([undefined, undefined]);
    }
  });
});

describe('claims of a wish', () => {
  it('are an event of a program', () => {
    expect(readDemandResponse(WISH)).toBe(WISH);
    for (const intervals of [[], [interval, interval], [{ payloads: [] }], [{ payloads: [{ type: 'X', values: [] }] }]])
      expect(readDemandResponse({ ...WISH, event: { ...EVENT, intervals } })).toBeDefined();
  });

  it.each([
    ...spoiled(WISH, { ...CHAIN_FIELDS, program: TEXT, event: [...ODD, 'EVENT'], note: [1] }),
    ...spoiled(EVENT, {
      id: TEXT,
      programID: TEXT,
      objectType: [...ODD, '', 'PROGRAM'],
      intervalPeriod: [...ODD, 'PT1H'],
      intervals: [
        ...[null, true, {}, 7, ''],
        ...[null, 7, [], {}, { payloads: null }, { payloads: {} }].map((one) => [one]),
        ...[
          null,
          7,
          [],
          {},
          { type: 'X' },
          { values: [] },
          { type: '', values: [] },
          { type: 7, values: [] },
          { type: 'X', values: {} },
        ].map((payload) => [{ payloads: [payload] }]),
        [interval, { payloads: [{ type: 'X', values: [] }, null] }],
      ],
    }).map(([name, event]) => [name, { ...WISH, event }] as const),
    ...spoiled(EVENT.intervalPeriod, { start: TEXT, duration: TEXT, randomizeStart: TEXT }).map(
      ([name, intervalPeriod]) => [name, { ...WISH, event: { ...EVENT, intervalPeriod } }] as const,
    ),
  ])('are none with %s', (_, claims) => {
    expect(readDemandResponse(claims)).toBeUndefined();
  });
});

describe('where an item stands in its chain', () => {
  const head = { seq: 5, hash: 'h5' };
  const on = { priceSequence: true };
  const off = { priceSequence: false };
  const linked = (seq: number, prevHash = 'h5') => ({ seq, prevHash });

  it('a tariff or a wish is newer than the one before, and names it where it follows on it', () => {
    expect(
      [linked(4), linked(5), linked(6), linked(7), linked(6, 'other'), linked(7, 'other')].map((item) => sparseChainFault(item, head, on)),
    ).toEqual(['older', 'older', undefined, undefined, 'broken-chain', undefined]);
    expect([linked(5), linked(6, 'other')].map((item) => sparseChainFault(item, head, off))).toEqual([undefined, undefined]);
  });

  it('a real-time price follows on the one before and names it', () => {
    expect([linked(4), linked(5), linked(6), linked(7), linked(6, 'other')].map((item) => denseChainFault(item, head, on))).toEqual([
      'older',
      'older',
      undefined,
      'gap',
      'broken-chain',
    ]);
    expect([linked(5), linked(7), linked(6, 'other')].map((item) => denseChainFault(item, head, off))).toEqual(Array(3).fill(undefined));
  });
});

describe('the band of a price', () => {
  const on = { priceBand: true };
  const fault = (over: Partial<PriceClaims>, days: readonly DayAheadClaims[] = [DAY]) => bandFault({ ...PRICE, ...over }, days, on);

  it('is that of its interval, both ends included, for each price', () => {
    expect([[90], [110], [90, 190], [110, 210], [89], [111], [100, 189], [100, 211]].map((prices) => fault({ prices }))).toEqual([
      ...Array(4).fill(undefined),
      ...Array(4).fill('outside-band'),
    ]);
    expect(fault({ start: START + 1800, prices: [190, 310] })).toBeUndefined();
    expect(fault({ start: START + 1800, prices: [100] })).toBe('outside-band');
    expect(bandFault({ ...PRICE, prices: [0] }, [], { priceBand: false })).toBeUndefined();
  });

  it('is in a tariff that covers the interval in intervals as long', () => {
    expect(fault({}, [])).toBe('no-tariff');
    expect(fault({ start: START - 1800, prices: [100] })).toBe('no-tariff');
    expect(fault({ start: START + 5400, prices: [300] })).toBe('no-tariff');
    expect(fault({ start: START + 3600, prices: [300, 300] })).toBe('no-tariff');
    expect(fault({ minutes: 15, prices: [100] })).toBe('no-tariff');
  });

  it('is that of the newest tariff that covers it', () => {
    const newer = { ...DAY, start: START + 1800, low: [0, 0, 0], high: [5, 5, 5] };
    const at = (seconds: number) => slotAt([DAY, newer], START + seconds);
    expect([-1, 0, 1799, 1800, 3600, 5399, 5400, 7199, 7200].map(at)).toEqual([
      undefined,
      { day: DAY, slot: 0 },
      { day: DAY, slot: 0 },
      { day: newer, slot: 0 },
      { day: newer, slot: 1 },
      { day: newer, slot: 1 },
      { day: newer, slot: 2 },
      { day: newer, slot: 2 },
      undefined,
    ]);
  });
});
