import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { verifyCommand } from '../../bin/commands/verify.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import type {
  BillComputed,
  BillEvent,
  BillLine,
  ChannelOutcome,
  DayFinalized,
  DayVerified,
  MeterDayEvent,
  ReadingsCollected,
} from '../../events/index.ts';
import { SLOT_SOURCES } from '../../events/index.ts';
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

  const verdict = () => world.verdict(HOME);

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
    expect(await verdict()).toMatchObject({ bill: { revision: 2 }, commits: 8, seals: { sealed: 3 } });
  });

  /** Another history of the day, with what it then comes to, and the bill again. */
  async function restateAs(history: readonly MeterDayEvent[], change: (channel: ChannelOutcome) => ChannelOutcome): Promise<void> {
    const frame = (history[0] as Extract<MeterDayEvent, { type: 'ReadingsCollected' }>).data.frame;
    const { revision, channels: before, ...rest } = finalIn(history);
    const channels = before.map(change);
    await record('close-day', DAY, OF_DAY, [
      { type: 'DayResealed', data: { frame, history, reason: 'tenancy', at: 1 } },
      { type: 'DayRestated', data: { ...rest, revision: revision + 1, channels, before, reason: 'edit', by: 'nobody' } },
    ]);
    await billAgain();
  }

  /** As somebody checks it at a terminal. */
  async function checked(): Promise<{ readonly code: unknown; readonly word: readonly string[] }> {
    const [proof, keys] = ['forged.proof', 'keys.pem'].map((name) => join(world.directory, name)) as [string, string];
    writeFileSync(proof, await world.prove(HOME));
    writeFileSync(keys, await world.keys());
    const said: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => said.push(String(line)) > 0);
    const before = process.exitCode;
    try {
      await verifyCommand().parseAsync(['--proof', proof, '--keys', keys], { from: 'user' });
      return { code: process.exitCode, word: said.join('').split('\n').slice(0, -1).slice(-2) };
    } finally {
      process.exitCode = before;
      write.mockRestore();
    }
  }

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

  it('R9.2-2: drops a seal and bills more: all of it holds, and the day is said to rest on its word, with exit code 3', async () => {
    const days = await recorded<MeterDayEvent>('close-day', DAY);
    const unsealed: DayVerified = { seal: 'absent', chain: 'unverified', at: 1 };
    const history = days.map((event): MeterDayEvent => {
      if (event.type === 'DayVerified') return { ...event, data: unsealed };
      return event.type === 'ReadingsCollected' ? { ...event, data: { ...raised(event.data), seals: [] } } : event;
    });
    await restateAs(history, (channel) => ({ ...channel, energyWh: channel.energyWh + 40 }));
    expect(await verdict()).toMatchObject({ seals: { sealed: 2, unsealed: [DAY], onWord: [{ stream: DAY, why: 'unsealed' }] } });
    expect(await checked()).toEqual({
      code: 3,
      word: [
        `word       ${DAY} has no seal of its meter`,
        "           all of it holds, but 1 day rests on the utility's word, in part or altogether",
      ],
    });
  });

  it('R9.2-2: edits a sealed day and bills more: all of it holds, the seal as well, and that day rests on its word', async () => {
    const days = await recorded<MeterDayEvent>('close-day', DAY);
    await restateAs([...days, firstSlotAt(1_000)], (channel) => {
      const { energyWh, measured } = channel;
      return { ...channel, energyWh: energyWh + 1_000 - firstOf(days), measured: measured - 1, edited: 1 };
    });
    expect(await verdict()).toMatchObject({ seals: { sealed: 3, unsealed: [], onWord: [{ stream: DAY, why: 'replaced' }] } });
    expect((await checked()).code).toBe(3);
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

/** What the meter counted in the first slot of the day. */
function firstOf([collected]: readonly MeterDayEvent[]): number {
  const { channels } = (collected as Extract<MeterDayEvent, { type: 'ReadingsCollected' }>).data;
  return Buffer.from(channels[0]!.records).readUInt16BE(RECORD_BYTES - 3);
}

/** Somebody says what the first slot has. */
function firstSlotAt(counted: number): MeterDayEvent {
  const counts = Buffer.alloc(4);
  counts.writeUInt32LE(counted);
  const values = { slots: Buffer.alloc(2), counts, sources: Buffer.of(SLOT_SOURCES.indexOf('E11')), confidence: Buffer.of(100) };
  return {
    type: 'SlotsEdited',
    data: { edit: 1, kind: 'values', channel: 0, ...values, reason: 'a reason', note: '', by: 'nobody', at: 1 },
  };
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
