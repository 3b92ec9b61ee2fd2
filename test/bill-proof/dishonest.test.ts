import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import type { BillComputed, BillEvent, BillLine, DayFinalized, MeterDayEvent, ReadingsCollected } from '../../events/index.ts';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import type { SubjectKey } from '../../platform/ports/event-store.ts';
import { grantSubjectAccess } from '../../platform/ports/subject-grants.ts';
import { idOf } from '../contract/support/events.ts';
import { MINUTE } from '../log/logged-state.ts';
import { accountOf, billOf, PERIOD, ProofWorld } from './proof-world.ts';

const HOME = 'home-1';
const ACCOUNT = accountOf(HOME);
const DAY = 'meterday/00124b0000000001/2026-10-24';
const OF_DAY: SubjectKey = { of: 'usage', subject: ACCOUNT, month: '2026-10' };
const OF_BILL: SubjectKey = { of: 'billing', subject: ACCOUNT };
const RECORD_BYTES = 13;

/** A utility that records what is not so, in order, sealed and logged: what stands in the log is what it says, and it says it for good. */
describe('a utility that records what is not so', () => {
  let world: ProofWorld;
  beforeEach(async () => {
    world = await ProofWorld.open();
  }, 60_000);
  afterEach(() => world.close());

  async function record(
    principal: string,
    stream: string,
    subject: SubjectKey,
    events: readonly (BillEvent | MeterDayEvent)[],
  ): Promise<void> {
    const store = world.platform.as(principal).events;
    const head = await store.head(stream, subject);
    await store.append(head, { commitId: idOf(`${stream} forged ${head.version}`), events, subject }).durable;
  }

  async function recorded<Event>(principal: string, stream: string): Promise<Event[]> {
    const window = { principal, purpose: 'audit', from: 0, until: Date.UTC(2100, 0, 1) } as const;
    const events: Event[] = [];
    const access = grantSubjectAccess(window, [ACCOUNT]);
    for await (const commit of world.platform.as(principal).events.read(stream, 0, access))
      events.push(...(commit.events as unknown as Event[]));
    return events;
  }

  async function billAgain(): Promise<void> {
    const sources = await openBilling(world.platform.as('billing'), [ACCOUNT], PERIOD);
    const { events } = await billPeriod(sources, { account: ACCOUNT, usagePoint: HOME, ...PERIOD });
    expect(events[0]?.type).toBe('BillRerated');
  }

  async function verdict() {
    await world.log();
    return verifyProof(await world.prove(HOME), await world.trust());
  }

  const finalIn = (events: readonly MeterDayEvent[]): DayFinalized =>
    events.flatMap(({ type, data }) => (type === 'DayFinalized' ? [data] : []))[0]!;

  function restated(of: DayFinalized, moreWh: number): MeterDayEvent {
    const channels = of.channels.map((channel) => ({ ...channel, energyWh: channel.energyWh + moreWh }));
    return { type: 'DayRestated', data: { ...of, revision: of.revision + 1, channels, before: of.channels, reason: 'edit', by: 'nobody' } };
  }

  it('R9.2-2: with a bill rated again as it should be, is believed', async () => {
    const days = await recorded<MeterDayEvent>('close-day', DAY);
    await record('close-day', DAY, OF_DAY, [restated(finalIn(days), 0)]);
    await billAgain();
    expect(await verdict()).toMatchObject({ bill: { revision: 2 }, commits: 6, seals: { sealed: 3 } });
  });

  it.each([
    ['an amount', (bill: BillComputed) => ({ ...bill, lines: changed(bill.lines) }), /line 1, energy/],
    ['the total', (bill: BillComputed) => ({ ...bill, totalMicro: '1' }), /totalMicro/],
    ['the energy', (bill: BillComputed) => ({ ...bill, importWh: '1' }), /importWh/],
  ])('R9.2-2: is found out by %s that days and tariffs do not give', async (_what, change, told) => {
    const [issued] = await recorded<Extract<BillEvent, { type: 'BillComputed' }>>('billing', billOf(HOME));
    await record('billing', billOf(HOME), OF_BILL, [{ ...issued!, data: change(issued!.data) }]);
    expect(await verdict()).toMatchObject({ fault: 'lines', what: expect.stringMatching(told) });
  });

  it('R9.2-2: is found out by the energy of a day that is not the sum of its intervals', async () => {
    const days = await recorded<MeterDayEvent>('close-day', DAY);
    await record('close-day', DAY, OF_DAY, [restated(finalIn(days), 1_000)]);
    await billAgain();
    expect(await verdict()).toMatchObject({ fault: 'energy' });
  });

  it('R9.2-2, C10.1-7: is found out by a reading that the meter did not seal', async () => {
    const days = await recorded<MeterDayEvent>('close-day', DAY);
    const history = days.map((event) => (event.type === 'ReadingsCollected' ? { ...event, data: raised(event.data) } : event));
    const frame = (days[0] as Extract<MeterDayEvent, { type: 'ReadingsCollected' }>).data.frame;
    const resealed: MeterDayEvent = { type: 'DayResealed', data: { frame, history, reason: 'tenancy', at: 1 } };
    await record('close-day', DAY, OF_DAY, [resealed, restated(finalIn(days), 40)]);
    await billAgain();
    expect(await verdict()).toMatchObject({ fault: 'seal', what: expect.stringContaining(DAY) });
  });

  it('R9.2-2: is found out by a seal that the meter never made, also where it says that records are missing', async () => {
    const days = await recorded<MeterDayEvent>('close-day', DAY);
    const history = days.map((event): MeterDayEvent => {
      if (event.type === 'DayVerified') return { ...event, data: { ...event.data, chain: 'unverified' } };
      return event.type === 'ReadingsCollected' ? { ...event, data: { ...event.data, seals: event.data.seals.map(forged) } } : event;
    });
    const frame = (days[0] as Extract<MeterDayEvent, { type: 'ReadingsCollected' }>).data.frame;
    const resealed: MeterDayEvent = { type: 'DayResealed', data: { frame, history, reason: 'tenancy', at: 1 } };
    await record('close-day', DAY, OF_DAY, [resealed, restated(finalIn(days), 0)]);
    await billAgain();
    expect(await verdict()).toMatchObject({ fault: 'seal', what: expect.stringContaining('not genuine') });
  });

  it('R9.2-2: can leave out no commit of a day', async () => {
    const days = await recorded<MeterDayEvent>('close-day', DAY);
    await record('close-day', DAY, OF_DAY, [restated(finalIn(days), 0)]);
    await billAgain();
    await world.log();
    const proof = JSON.parse(await world.prove(HOME)) as { days: unknown[] };
    expect(verifyProof(JSON.stringify({ ...proof, days: proof.days.slice(1) }), await world.trust())).toMatchObject({ fault: 'chain' });
    const latest = proof.days.filter((_, i) => i !== 1);
    expect(verifyProof(JSON.stringify({ ...proof, days: latest }), await world.trust())).toMatchObject({ fault: 'streams' });
  });

  it('has no proof to give before what it recorded is in the log', async () => {
    const days = await recorded<MeterDayEvent>('close-day', DAY);
    await record('close-day', DAY, OF_DAY, [restated(finalIn(days), 0)]);
    await billAgain();
    await expect(world.prove(HOME)).rejects.toMatchObject({ code: 'ERR_PROOF_EARLY', retryable: true });
  });

  it('has none of a bill whose key is destroyed', async () => {
    const { keys } = world.platform.as('archive');
    for (const { id } of await keys.list(`billing/${ACCOUNT}/`)) await keys.destroy(id);
    world.clock.advance(16 * MINUTE);
    await expect(world.prove(HOME)).rejects.toMatchObject({ code: 'ERR_BILL_UNKNOWN' });
  });
});

/** The first amount a little larger. */
function changed([first, ...rest]: readonly BillLine[]): BillLine[] {
  return [{ ...first!, amountMicro: String(BigInt(first!.amountMicro) + 1n) }, ...rest];
}

/** A register that the meter did not sign. */
function forged(seal: Uint8Array): Uint8Array {
  const bytes = Buffer.from(seal);
  bytes[bytes.length - 70]! ^= 1;
  return bytes;
}

/** The last slot of the day has 40 Wh more: value and register, as a forger would. */
function raised(readings: ReadingsCollected): ReadingsCollected {
  const channels = readings.channels.map((channel) => {
    const records = Buffer.from(channel.records);
    const at = records.length - RECORD_BYTES;
    records.writeUIntBE(records.readUIntBE(at + 4, 6) + 40, at + 4, 6);
    records.writeUInt16BE(records.readUInt16BE(at + 10) + 40, at + 10);
    return { ...channel, records };
  });
  return { ...readings, channels };
}
