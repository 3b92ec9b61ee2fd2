import { expect, it } from 'vitest';
import { type BillState, bill } from '../../domain/billing/bill.ts';
import { type TenancyCut, UTILITY } from '../../events/index.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { runBills } from '../../lambdas/billing/run-bills.ts';
import { takeDay } from '../../lambdas/billing/take-day.ts';
import { targetsOf } from '../../lambdas/billing/targets.ts';
import { closeDays } from '../../lambdas/close-day/close-days.ts';
import { LOOKED_UP_MS, runReseals } from '../../lambdas/register/reseal.ts';
import { correctTenancy, openAccount } from '../../lambdas/register/tenancy.ts';
import { RelayWorker } from '../../lambdas/relay/relay-worker.ts';
import { localDay } from '../../lambdas/shared/local-days.ts';
import { EmbeddedBus } from '../../platform/embedded/bus.ts';
import { streamEvent } from '../../platform/embedded/host/stream-event.ts';
import { all } from '../contract/support/events.ts';
import { discard } from '../contract/support/state.ts';
import { accessTo, type SealedWorld, sealedWorld, ZONE } from '../subjects/sealed-days.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { closeDay, closePart, DATES, frameOf, openHomes, PERIOD } from './closed-homes.ts';

const HOME = 'home-1';
const [OLD, NEW] = ['acc-home-1', 'acc-new'];
/** Wh of every slot, another on each day: energy on the wrong side of a cut shows. */
const WH = [10, 20, 30];
const startOf = (day: string) => localDay(day, ZONE).start * 1000;
const HOUR = 3_600_000;

async function opened(): Promise<SealedWorld> {
  const world = await sealedWorld();
  await openHomes(world.as);
  await openAccount(world.as('enrol'), NEW);
  return world;
}

function correct(world: SealedWorld, cuts: readonly TenancyCut[]) {
  world.state.clock.advance(60_000);
  return correctTenancy(world.as('enrol'), HOME, { since: startOf('2026-10-20'), cuts, reason: 'told late', by: 'clerk' });
}

async function bills(world: SealedWorld): Promise<void> {
  const platform = world.as('billing');
  const targets = (await targetsOf(platform, PERIOD)).filter(({ usagePoint }) => usagePoint === HOME);
  if (targets.length === 0) return;
  const accounts = targets.map(({ account }) => account);
  await runBills(await openBilling(platform, accounts, PERIOD), targets, PERIOD);
}

async function billOf(world: SealedWorld, account: string): Promise<BillState> {
  const platform = world.as('billing');
  const commits = await all(platform.events.read(`bill/${account}/${HOME}.${PERIOD.from}`, 0, await accessTo(platform, account)));
  return commits.flatMap(({ events }) => events).reduce(bill.evolve, bill.initial);
}

/** Bills as they are when the tenancy was right from the start: days closed in their parts, billed once. */
async function rightFromTheStart(cuts: readonly TenancyCut[]): Promise<SealedWorld> {
  const world = await opened();
  await correct(world, cuts);
  for (const [i, day] of DATES.entries()) {
    const { start, end, ...frame } = frameOf(HOME, day);
    const inside = cuts.map(({ from }) => from / 1000).filter((from) => from > start && from < end);
    const bounds = [start, ...inside, end];
    for (const [n, from] of bounds.slice(0, -1).entries()) {
      const subject = cuts.findLast((cut) => cut.from / 1000 <= from)?.subject ?? OLD;
      await closePart(world.as, { ...frame, start: from, end: bounds[n + 1]!, subject, part: n + 1 }, WH[i]!, {
        first: (from - start) / 900,
      });
    }
  }
  await bills(world);
  return world;
}

/** Everybody billed by the wrong tenancy, then corrected; all that is scheduled runs, and the relay tells billing. */
async function correctedLater(cuts: readonly TenancyCut[], backwards: boolean): Promise<SealedWorld> {
  const world = await opened();
  for (const [i, day] of DATES.entries()) await closeDay(world.as, HOME, day, WH[i]!);
  await bills(world);
  const before = await arrivals(world);
  await correct(world, cuts);
  for (let run = 0; run < 4; run++) {
    world.state.clock.advance(LOOKED_UP_MS + 1);
    await runReseals(world.as('archive'));
    await closeDays(world.as('close-day'), defencesUnderTest());
  }
  const fresh = (await arrivals(world)).slice(before.length).map((arrival, i) => ({ ...arrival, place: i + 1 }));
  const told: string[] = [];
  const relay = { ...world.as('relay'), bus: new EmbeddedBus({ send: async (_queue: string, body: string) => void told.push(body) }) };
  expect(await new RelayWorker(relay).take(streamEvent('relay-days', fresh))).toEqual({ batchItemFailures: [] });
  for (const body of backwards ? told.reverse() : told) await takeDay(world.as('billing'), body);
  return world;
}

async function arrivals(world: SealedWorld) {
  const archive = world.as('archive');
  const found: Parameters<typeof streamEvent>[1][number][] = [];
  for await (const stream of archive.events.streams('meterday/')) {
    for (const { version, events, head, recordedAt, sealedBy = '' } of await all(
      archive.events.read(stream, 0, await accessTo(archive, OLD, NEW, UTILITY)),
    )) {
      const count = events.length || head.version - version + 1;
      found.push({ place: 0, stream, version, count, keyId: sealedBy, recordedAt });
    }
  }
  return found.sort((a, b) => a.recordedAt - b.recordedAt);
}

/** What a customer pays for the period; nothing where there is no bill. */
function paid({ billed, held }: BillState) {
  expect(billed === undefined ? undefined : held).toBeUndefined();
  const { lines = [], totalMicro = '0', importWh = '0' } = billed?.statement ?? {};
  return { lines: lines.filter(({ amountMicro }) => amountMicro !== '0'), totalMicro, importWh };
}

it.each<[string, TenancyCut[]]>([
  ['a day later', [{ subject: NEW, from: startOf('2026-10-25') }]],
  ['inside the day on which the clock is put back', [{ subject: NEW, from: startOf('2026-10-25') + 7.25 * HOUR }]],
  ['before the period: nothing of it is left to the first', [{ subject: NEW, from: startOf('2026-10-22') }]],
  ['to nobody', [{ subject: UTILITY, from: startOf('2026-10-26') + 12 * HOUR }]],
  [
    'twice within a day',
    [
      { subject: UTILITY, from: startOf('2026-10-24') + 6 * HOUR },
      { subject: NEW, from: startOf('2026-10-24') + 18 * HOUR },
    ],
  ],
])(
  'a tenancy corrected %s: everybody ends with the bill of a tenancy that was right from the start',
  { timeout: 30_000 },
  async (_, cuts) => {
    const right = await rightFromTheStart(cuts);
    for (const backwards of [false, true]) {
      const later = await correctedLater(cuts, backwards);
      for (const account of [OLD, NEW])
        expect([account, paid(await billOf(later, account))]).toEqual([account, paid(await billOf(right, account))]);
      const { reratings, billed } = await billOf(later, OLD);
      expect(reratings.length).toBeGreaterThan(0);
      // 96 slots of 10, 100 of 20 and 96 of 30 Wh at 0.25 per kWh went out first.
      const difference = reratings.reduce((sum, { differenceMicro }) => sum + differenceMicro, 0n);
      expect(BigInt(billed!.statement.totalMicro) - difference).toBe(1_460_000n);
      later.state.close();
      discard(later.state.directory);
    }
    right.state.close();
    discard(right.state.directory);
  },
);
