import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ASSUMED } from '../../bench/cost/assumptions.ts';
import { estimate, plainYear } from '../../bench/cost/estimate.ts';
import { goalsOf } from '../../bench/cost/goals.ts';
import { readPrices } from '../../bench/cost/prices.ts';
import { billOf, functionBill, objectYear, SERVICES, tableYear, totalOf, tracedShare } from '../../bench/cost/pricing.ts';
import { OperationCounts } from '../../platform/aws/operations.ts';

const PRICES = readPrices();
const folder = mkdtempSync(join(tmpdir(), 'joulekeep-prices-'));
afterAll(() => rmSync(folder, { recursive: true }));

function override(text: string): string {
  const file = join(folder, 'prices.json');
  writeFileSync(file, text);
  return file;
}

describe('The price table', () => {
  it('is dated and says where it comes from', () => {
    expect(PRICES.asOf).toMatch(/^20\d\d-\d\d$/);
    expect(PRICES.source).not.toBe('');
  });

  it('takes other prices from a file and keeps the rest', () => {
    const other = readPrices(override('{"region": "eu-central-1", "perMillion": {"iot.message": 1.2}}'));
    expect(other).toEqual({ ...PRICES, region: 'eu-central-1', perMillion: { ...PRICES.perMillion, 'iot.message': 1.2 } });
  });

  it.each(['{"perMillion": {"iot.messages": 1}}', '{"perMillion": {"iot.message": -1}}', '{"perMonth": "1"}', '{"asOf": "today"}'])(
    'refuses %s and names the entry',
    (text) => {
      expect(() => readPrices(override(text))).toThrow(/is no price table: .*(iot\.message|perMonth|asOf)/s);
    },
  );
});

describe('A bill', () => {
  it('is units times price under the service that bills them', () => {
    const counts = new OperationCounts();
    counts.count('dynamodb.write', 41);
    counts.count('dynamodb.read', 3);
    counts.count('kms.asymmetric');
    counts.count('iot.rule', 24);
    counts.count('iot.registry');
    const bill = billOf(counts.snapshot(), PRICES);
    // 41 x 0.625 + 3 x 0.125; 15; 24 x 0.15 + 1.25, all per million
    expect(bill.dynamodb).toBeCloseTo(26e-6, 12);
    expect(bill.kms).toBeCloseTo(15e-6, 12);
    expect(bill.iot).toBeCloseTo(4.85e-6, 12);
    expect(totalOf(bill)).toBeCloseTo(45.85e-6, 12);
    expect(Object.keys(bill)).toEqual([...SERVICES]);
  });

  it('of a function is calls, memory times seconds, bytes of log, and traces', () => {
    const bill = functionBill({ invocations: 1_000_000, seconds: 1_000_000, memoryMb: 512, logBytes: 2e9, tracedShare: 0.05 }, PRICES);
    expect(bill.lambda).toBeCloseTo(0.2 + 0.5 * 13.3334, 6);
    expect(bill.logs).toBeCloseTo(1, 9);
    // 50,000 traces at 5 per million
    expect(bill.xray).toBeCloseTo(0.25, 9);
  });

  it('has a trace for each call up to one a second, and for one in twenty beyond', () => {
    expect(tracedShare(240)).toBe(1);
    expect(tracedShare(86_400)).toBe(1);
    // Two a second: 86,400 and 0.05 x 86,400 of 172,800
    expect(tracedShare(172_800)).toBeCloseTo(0.525, 12);
  });

  it('of bytes that lie a year is twelve months of storage and backup', () => {
    expect(tableYear(1e9, PRICES)).toBeCloseTo(12 * 0.45, 9);
    expect(objectYear(1e9, PRICES)).toBeCloseTo(12 * 0.023, 9);
  });
});

describe('An estimate', () => {
  const counts = new OperationCounts();
  // A day of one batch an hour: 24 of them, 10 write units each, one key call in all, one answer.
  for (let hour = 0; hour < 24; hour++) {
    counts.count('dynamodb.write', 10);
    counts.count('sqs.request', 1);
    counts.count('iot.rule', 20);
  }
  counts.count('kms.symmetric');
  counts.count('iot.message', 4);
  const out = new OperationCounts();
  for (let hour = 0; hour < 24; hour++) out.count('dynamodb.write', 1);
  const followed = new OperationCounts();
  followed.count('dynamodb.write', 100);
  const stored = { tableBytes: 40_000, objectBytes: 200_000, modelBytes: 10_000 };
  const day = { meters: 100, items: 2_400, messages: 24, counts: counts.snapshot() };
  const readings = { ...day, ...stored, followed: followed.snapshot(), takenOut: out.snapshot() };
  const agreed = new OperationCounts();
  for (const _meter of [1, 2]) agreed.count('kms.asymmetric');
  const handshakes = { meters: 2, items: 2, messages: 2, counts: agreed.snapshot() };
  const asked = {
    intervalMinutes: 60,
    readings,
    handshakes,
    deployment: { keys: 10, queues: 0 },
    prices: PRICES,
    tracing: 'requests' as const,
  };
  const found = estimate({ ...asked, meters: 1_000 });
  const usd = (name: string) => totalOf(found.lines.find((line) => line.name === name)!.bill);

  it('scales a day to a meter and year', () => {
    // 240 x 0.625 + 24 x 0.4 + 480 x 0.15 + 1 x 3 = 234.6 per million, 24 calls x 0.2, 24 x 0.08 s x 1769/1024 GB x 13.3334, 36 KB of log
    const day = 234.6e-6 + 4.8e-6 + (24 * 0.08 * 1_769 * 13.3334e-6) / 1_024 + 36_000 * 0.5e-9;
    expect(usd('publish to commit')).toBeCloseTo((day * 365) / 100, 12);
    // 400 bytes of a day in the table, 28 of them at 0.25 and 0.20; 2,000 in objects, 28 + 35 of them; 12 months
    expect(usd('telemetry, 28 days')).toBeCloseTo(400 * 28 * 12 * 0.45e-9 + 2_000 * 63 * 12 * 0.023e-9, 12);
    expect(usd('telemetry taken out')).toBeCloseTo((24 * 0.625e-6 * 365) / 100, 12);
    const project = 100 * 0.625e-6 + 24 * 0.2e-6 + (24 * 0.1 * 1_769 * 13.3334e-6) / 1_024 + 36_000 * 0.5e-9;
    expect(usd('read models')).toBeCloseTo((project * 365) / 100 + 100 * 28 * 12 * 0.45e-9, 12);
    expect(usd('answers to meters')).toBeCloseTo((4e-6 * 365) / 100, 12);
    expect(usd('connections')).toBeCloseTo((525_600 * 0.08e-6) / 500, 12);
    expect(found.ingestUsd).toBeCloseTo(usd('publish to commit') + usd('telemetry, 28 days') + usd('telemetry taken out'), 15);
    expect(found.totalUsd).toBeCloseTo(
      found.lines.reduce((sum, { bill }) => sum + totalOf(bill), 0),
      15,
    );
  });

  it('has a handshake for each week, with its function', () => {
    const one = 15e-6 + 0.2e-6 + (0.06 * 1_769 * 13.3334e-6) / 1_024 + 1_500 * 0.5e-9;
    expect(found.handshakesUsd).toBeCloseTo((one * 365) / 7, 12);
    expect(found.handshakeKeysUsd).toBeCloseTo((15e-6 * 365) / 7, 12);
  });

  it('has no trace of a function that no request starts, as stages have it', () => {
    const traced = found.lines.filter(({ bill }) => bill.xray > 0).map(({ name }) => name);
    expect(traced).toEqual(['customers look']);
    expect(found.lines.length).toBeGreaterThan(5);
  });

  it('has a trace of each call where everything traces, and fewer of a meter where calls share seconds', () => {
    // 7,200 concentrators, 172,800 batches a day; 102,857 handshakes: 86,400 and a twentieth of 16,457
    const large = estimate({ ...asked, meters: 720_000, tracing: 'everything' });
    const small = estimate({ ...asked, meters: 1_000, tracing: 'everything' });
    expect(small.ingestUsd - found.ingestUsd).toBeCloseTo((24 * 5e-6 * 365) / 100, 12);
    const xray = (name: string) => large.lines.find((line) => line.name === name)!.bill.xray;
    expect(xray('publish to commit')).toBeCloseTo((24 * 0.525 * 5e-6 * 365) / 100, 12);
    expect(xray('read models')).toBeCloseTo((24 * 0.525 * 5e-6 * 365) / 100, 12);
    expect(xray('handshakes')).toBeCloseTo(((0.848 * 365) / 7) * 5e-6, 12);
  });

  it('shares what a deployment costs between its meters', () => {
    const { alarms, dashboards, metrics, keyDutyCalls } = ASSUMED;
    const year = 12 * (10 + alarms * 0.1 + dashboards * 3 + metrics * 0.3) + keyDutyCalls * 24 * 365 * 3e-6;
    expect(usd('whole deployment')).toBeCloseTo(year / 1_000, 12);
    const tenfold = estimate({ ...asked, meters: 10_000 });
    expect(totalOf(tenfold.lines.at(-1)!.bill)).toBeCloseTo(year / 10_000, 12);
  });

  it('has of a sign-in the user at the provider, and what it puts on record under a key of its own', () => {
    const { signInsPerMonth, signInsOfOne, signInReads, signInWrites, signInKeyCalls } = ASSUMED;
    const one = signInReads * 0.125e-6 + signInWrites * 0.625e-6 + signInKeyCalls * 3e-6;
    expect(usd('customers sign in')).toBeCloseTo(12 * signInsPerMonth * (0.015 + signInsOfOne * one), 12);
  });

  it('counts calls and units per thousand readings, without the answers and the gateway', () => {
    expect(found.apiCallsPer1000).toBeCloseTo((1_000 * (24 + 24 + 1)) / 2_400, 9);
    expect(found.takingOutCallsPer1000).toBeCloseTo((1_000 * 24) / 2_400, 9);
    expect(found.unitsPer1000).toBeCloseTo((1_000 * (240 + 24 + 480 + 1)) / 2_400, 9);
    expect(found.keyCallsOfDay).toBe(1);
    expect(found.bytesPerReading).toBe(100);
  });

  it('says of each goal whether it holds', () => {
    const near = {
      ...found,
      intervalMinutes: 15,
      ingestUsd: 0.0015,
      handshakesUsd: 0.00081,
      handshakeKeysUsd: 0.0008,
      apiCallsPer1000: 20,
    };
    expect(goalsOf(near).map(({ holds }) => holds)).toEqual([true, true, false, true]);
    expect(goalsOf({ ...near, intervalMinutes: 5, ingestUsd: 0.0041, handshakeKeysUsd: 0.00081 }).map(({ holds }) => holds)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});

describe('The plain design', () => {
  it('pays for each reading: message, rule, function, item, key call, event', () => {
    const reading = (1 + 0.3 + 0.2 + 0.05 * 13.3334 + 0.625 + 3 + 1) / 1e6;
    const year = (readings: number) => readings * reading + 525_600 * 0.08e-6 + 400 * (readings / 365) * 28 * 12 * 0.45e-9;
    expect(plainYear(15, PRICES)).toBeCloseTo(year(35_040), 9);
    expect(plainYear(5, PRICES)).toBeCloseTo(year(105_120), 9);
  });
});
