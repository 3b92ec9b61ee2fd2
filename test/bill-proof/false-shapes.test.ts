import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillProof } from '../../api/bill-proof.ts';
import type { OpenedCommit } from '../../bin/proof/open-commits.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { BillComputed, MeterDayEvent } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import { parseEnvelope } from '../../platform/store/envelope.ts';
import { daysToRate, issuedTo, recordBill, recorded, recordFalseBill } from './false-bills.ts';
import { accountOf, billOf, ProofWorld, TARIFF } from './proof-world.ts';
import { chained } from './said.ts';

const HOME = 'home-1';
const OWN = accountOf(HOME);
const RECORD_BYTES = 13;
/** The higher byte of a record's value: 256 more there are the same byte, and so many counts more. */
const [HIGH, MORE] = [10, 65_536];

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

/** What a seal is held against takes each number for a byte; what adds up intervals takes it as it is. */
function withMore(event: MeterDayEvent): MeterDayEvent {
  if (event.type === 'ReadingsCollected') {
    const channels = event.data.channels.map((channel) => {
      const records = Array.from(channel.records);
      if (records.length >= RECORD_BYTES) records[HIGH]! += 256;
      return { ...channel, records: records as unknown as Uint8Array };
    });
    return { ...event, data: { ...event.data, channels } };
  }
  if (event.type !== 'DayFinalized') return event;
  const channels = event.data.channels.map((one) => ({ ...one, energyWh: one.energyWh + MORE * one.perCount }));
  return { ...event, data: { ...event.data, channels } };
}

/** The bill as it follows from these days, whatever shape they have. */
async function ratedFrom(bill: BillComputed, inputs: BillComputed['inputs']): Promise<BillComputed> {
  const commits: OpenedCommit[] = [];
  for (const { stream } of inputs) commits.push(...chained(stream, await recorded<MeterDayEvent>(world, 'close-day', stream)));
  const { tariff } = loadTariff(JSON.stringify(TARIFF), 'bands.json');
  const tariffs = bill.tariffs.map(({ from, version }) => ({ tariff, version, from, series: new Map() }));
  const again = { ...bill, inputs };
  return { ...again, ...ratePeriod(inputOf(again, { days: daysToRate(again, commits), tariffs })).statement };
}

describe('a bill by values that no type allows', () => {
  it('R9.2-2, C10.1-7: whose readings are numbers above a byte is refused', async () => {
    const genuine = await issuedTo(world, HOME);
    await recordFalseBill(world, { source: HOME, account: OWN, usagePoint: HOME, change: withMore });
    const dear = await ratedFrom(
      genuine,
      genuine.inputs.map(({ stream, revision }) => ({ stream: `${stream}.2`, revision })),
    );
    expect(BigInt(dear.importWh!) - BigInt(genuine.importWh!)).toBe(BigInt(3 * MORE));
    await recordBill(world, dear);
    expect(await world.verdict(HOME)).toMatchObject({
      fault: 'shape',
      what: expect.stringMatching(/2026-10-24\.2: DayResealed, at version 0, .* at history\.0\.data\.channels\.0\.records$/),
    });
  });

  it('R9.2-2: is told from an honest one, whose commits of every kind of stream are opened', async () => {
    const { bill, days, tariffs, binding } = JSON.parse(await world.prove(HOME)) as BillProof;
    const shown = [bill, ...days, ...tariffs, ...binding.account, ...binding.point].filter((one) => 'envelope' in one);
    const kinds = shown.map(({ envelope }) => parseEnvelope(Buffer.from(envelope, 'base64')).stream.split('/')[0]);
    expect(new Set(kinds)).toEqual(new Set(['bill', 'meterday', 'tariff', 'account', 'usagepoint']));
    expect(await world.verdict(HOME)).toMatchObject({ bill: { revision: 1 }, commits: shown.length });
  });

  it.each<[string, (bill: BillComputed) => unknown, string]>([
    ['whose revision hides what stands behind it', (bill) => ({ ...bill, revision: '1\u001b[8m' }), 'revision'],
    ['that charges time without end', ({ spans, ...bill }) => ({ ...bill, spans: [{ ...spans![0]!, until: NaN }] }), 'spans.0.until'],
  ])('R9.2-2, C10.1-7: %s is refused', async (_what, change, where) => {
    await recordBill(world, change(await issuedTo(world, HOME)) as BillComputed);
    expect(await world.verdict(HOME)).toEqual({
      fault: 'shape',
      what: `${billOf(HOME)}: BillComputed, at version 1, does not have the shape of its kind at ${where}`,
    });
  });
});
