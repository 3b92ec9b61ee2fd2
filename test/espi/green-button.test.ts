import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';
import { afterAll, describe, expect, it } from 'vitest';
import { localTimeOf } from '../../exchange/espi/dst-rule.ts';
import { writeFeed } from '../../exchange/espi/feed.ts';
import { qualitiesOf, readingTypeOf } from '../../exchange/espi/words.ts';
import type { SharedRow, SharedSeries, SharedUsage } from '../../exchange/usage/shared-usage.ts';
import { describeShared } from '../support/shared.ts';
import { BILL, daySeries, TERMS } from './given.ts';
import { readFeed } from './green-button-reader.ts';

const LONDON = 'Europe/London';
const NEW_YORK = 'America/New_York';
const OTHER = { usagePoint: 'PSEUDONYM0000002' };
const hours = (start: number, rows: readonly Partial<SharedRow>[]): readonly SharedRow[] =>
  rows.map((row, i) => ({
    ...{
      start: start + i * 3_600,
      end: start + (i + 1) * 3_600,
      energyWh: 400,
      quality: { measured: 4, estimated: 0, edited: 0, missing: 0 },
    },
    ...row,
  }));
const ofQuality = (quality: Partial<SharedRow['quality']>, energyWh: number | null = 400): Partial<SharedRow> => ({
  energyWh,
  quality: { measured: 0, estimated: 0, edited: 0, missing: 0, ...quality },
});

/** Everything a feed can hold. */
const FEEDS: Readonly<Record<string, SharedUsage>> = {
  'a day of quarter-hours': { series: [daySeries('2026-06-01', LONDON, 15)], bills: [] },
  'a day of 23 hours, by 5 minutes': { series: [daySeries('2026-03-29', LONDON, 5)], bills: [] },
  'a day of 25 hours, by 30 minutes': { series: [daySeries('2026-10-25', LONDON, 30)], bills: [] },
  'missing, estimated and edited values': {
    series: [daySeries('2026-06-01', NEW_YORK, 15, { missing: [0, 5, 95], estimated: [6, 7], edited: [8] })],
    bills: [],
  },
  'a day of which nothing is known': {
    series: [daySeries('2026-06-01', LONDON, 30, { missing: Array.from({ length: 48 }, (_, i) => i) })],
    bills: [],
  },
  'use and generation': {
    series: [daySeries('2026-06-01', LONDON, 30), daySeries('2026-06-01', LONDON, 30, {}, { direction: 'export' })],
    bills: [],
  },
  'a meter of 15 exchanged for one of 30 minutes, and a second home': {
    series: [daySeries('2026-06-01', LONDON, 15), daySeries('2026-06-02', LONDON, 30), daySeries('2026-06-02', NEW_YORK, 5, {}, OTHER)],
    bills: [],
  },
  'hours of mixed quality': {
    series: [
      {
        ...daySeries('2026-06-01', LONDON, 15, {}, { resolution: 'hour' }),
        rows: hours(1_780_268_400, [
          {},
          ofQuality({ measured: 3, estimated: 1 }),
          ofQuality({ estimated: 4 }),
          ofQuality({ measured: 2, edited: 1, missing: 1 }),
          ofQuality({ missing: 4 }, null),
          ofQuality({ edited: 4 }, 0),
        ]),
      },
    ],
    bills: [],
  },
  'days, months and a bill': {
    series: [
      { ...daySeries('2026-06-01', LONDON, 1_440), resolution: 'day', intervalMinutes: 15 },
      {
        ...daySeries('2026-06-01', LONDON, 15, {}, { resolution: 'month' }),
        rows: [{ ...hours(1_780_268_400, [{}])[0]!, end: 1_780_268_400 + 30 * 86_400, energyWh: 250_000 }],
      },
    ],
    bills: [BILL, { ...BILL, currency: 'XTS', totalMicro: '-15', start: BILL.end, end: BILL.end + 86_400 }],
  },
  'a customer whose days were all of others': { series: [{ ...daySeries('2026-06-01', LONDON, 15), rows: [] }], bills: [] },
  'nothing at all': { series: [], bills: [] },
};

/** What a recipient must find, from what was to be said. */
function expectedOf({ series }: SharedUsage) {
  return series.map((one) => {
    const type = readingTypeOf(one);
    const readings = one.rows
      .filter(({ energyWh }) => energyWh !== null)
      .map((row) => ({ start: row.start, end: row.end, value: row.energyWh, qualities: qualitiesOf(row) }));
    const { flowDirection: flow, uom, intervalLength, timeAttribute } = type;
    return { usagePoint: one.usagePoint, flow, uom, intervalLength, timeAttribute, readings };
  });
}

describe('a Green Button feed', () => {
  it.each(Object.entries(FEEDS))('%s: read by its links it says what was to be said, value by value', (_name, usage) => {
    const read = readFeed(writeFeed(usage, { ...TERMS, next: 'https://share.example.org/next?cursor=a.b&x=1' }));
    expect(read.meters).toEqual(expectedOf(usage));
    expect(read.summaries).toHaveLength(usage.bills.length);
    expect(read.next).toBe('https://share.example.org/next?cursor=a.b&x=1');
  });

  it('says bills in hundred-thousandths of their currency, half to even', () => {
    const { summaries } = readFeed(writeFeed(FEEDS['days, months and a bill']!, TERMS));
    const { usagePoint, start } = BILL;
    expect(summaries).toEqual([
      { usagePoint, start, duration: BILL.end - start, bill: '1234568', currency: 826, consumption: 29_200 },
      { usagePoint, start: BILL.end, duration: 86_400, bill: '-2', currency: 0, consumption: 29_200 },
    ]);
  });

  it('tells qualities apart: valid, edited, estimated, mixed, and with intervals missing', () => {
    const [meter] = readFeed(writeFeed(FEEDS['hours of mixed quality']!, TERMS)).meters;
    expect(meter!.readings.map(({ qualities }) => qualities)).toEqual([[0], [8, 13], [8], [7, 16, 13], [7]]);
  });

  it('has flow and unit as ESPI numbers them', () => {
    const { meters } = readFeed(writeFeed(FEEDS['use and generation']!, TERMS));
    expect(meters.map(({ flow, uom, intervalLength }) => [flow, uom, intervalLength])).toEqual([
      [1, 72, 1_800],
      [19, 72, 1_800],
    ]);
  });

  it('of the same usage is the same bytes, and its ids are its own', () => {
    const usage = FEEDS['a meter of 15 exchanged for one of 30 minutes, and a second home']!;
    const xml = writeFeed(usage, TERMS);
    expect(writeFeed(usage, TERMS)).toBe(xml);
    const ids = [...xml.matchAll(/<id>(.*?)<\/id>/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(10);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('local time parameters', () => {
  it('are the rules of the zone', () => {
    // Last Sunday in March at 1:00, last Sunday in October at 2:00 of summer time; second in March and first in November at 2:00.
    expect(localTimeOf(LONDON, 2026)).toEqual({ tzOffset: 0, dstOffset: 3_600, dstStartRule: '3E0E1000', dstEndRule: 'AE0E2000' });
    expect(localTimeOf(NEW_YORK, 2026)).toEqual({ tzOffset: -18_000, dstOffset: 3_600, dstStartRule: '360E2000', dstEndRule: 'B40E2000' });
    expect(localTimeOf('Australia/Sydney', 2026)).toMatchObject({ tzOffset: 36_000, dstOffset: 3_600, dstStartRule: 'A40E2000' });
    expect(localTimeOf('Australia/Lord_Howe', 2026)).toMatchObject({ tzOffset: 37_800, dstOffset: 1_800 });
  });

  it('are off where a zone has no summer time, or no rule for it', () => {
    const off = { dstOffset: 0, dstStartRule: 'FFFFFFFF', dstEndRule: 'FFFFFFFF' };
    expect(localTimeOf('Asia/Tokyo', 2026)).toEqual({ tzOffset: 32_400, ...off });
    expect(localTimeOf('Africa/Casablanca', 2026)).toMatchObject(off);
  });
});

describeShared('the schema of ESPI 4.0', 'conformance/espi/feed.xsd', (file) => {
  xmlRegisterFsInputProviders();
  const schema = XmlDocument.fromBuffer(readFileSync(file), { url: file });
  const validator = XsdValidator.fromDoc(schema);
  afterAll(() => {
    validator.dispose();
    schema.dispose();
  });
  const validate = (xml: string) => {
    using document = XmlDocument.fromString(xml);
    validator.validate(document);
    return document.root.name;
  };

  it.each(Object.entries(FEEDS))('%s is valid', (_name, usage) => {
    expect(validate(writeFeed(usage, TERMS))).toBe('feed');
  });

  it('refuses what it must', () => {
    const xml = writeFeed(FEEDS['a day of quarter-hours']!, TERMS);
    for (const broken of [
      xml.replace('<uom>72</uom>', '<uom>watt</uom>'),
      xml.replace('<kind>0</kind>', '<kind>0</kind><name>Jane</name>'),
      xml.replace('<updated>', '<updated>yesterday '),
      xml.replace(/<value>\d+<\/value>/, '<value>1.5</value>'),
    ]) {
      expect(broken).not.toBe(xml);
      expect(() => validate(broken)).toThrow();
    }
  });

  const series = fc.record({
    usagePoint: fc.constantFrom('PSEUDONYM0000001', 'PSEUDONYM0000002'),
    direction: fc.constantFrom('import' as const, 'export' as const),
    minutes: fc.constantFrom(5, 15, 30),
    day: fc.constantFrom('2026-03-29', '2026-06-01', '2026-10-25'),
    zone: fc.constantFrom(LONDON, NEW_YORK, 'Australia/Lord_Howe', 'Asia/Kathmandu'),
    missing: fc.array(fc.nat(47), { maxLength: 5 }),
    estimated: fc.array(fc.nat(47), { maxLength: 5 }),
  });

  it('holds for any series, and each is read back as it was', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(series, { maxLength: 4, selector: ({ usagePoint, direction, minutes }) => `${usagePoint}${direction}${minutes}` }),
        (all) => {
          const made = all.map(
            ({ day, zone, minutes, missing, estimated, ...lane }): SharedSeries =>
              daySeries(day, zone, minutes, { missing, estimated }, lane),
          );
          made.sort((one, other) => (one.usagePoint < other.usagePoint ? -1 : one.usagePoint === other.usagePoint ? 0 : 1));
          const usage = { series: made, bills: [] };
          const xml = writeFeed(usage, TERMS);
          expect(validate(xml)).toBe('feed');
          expect(readFeed(xml).meters).toEqual(expectedOf(usage));
        },
      ),
      { numRuns: 60 },
    );
  });
});
