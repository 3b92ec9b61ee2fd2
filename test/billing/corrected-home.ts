import { type BillState, bill } from '../../domain/billing/bill.ts';
import { partsBetween } from '../../domain/usagepoint/tenancy.ts';
import { JoulekeepError, type TenancyCut, UTILITY } from '../../events/index.ts';
import { dueRuns } from '../../lambdas/billing/due-runs.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { runBills } from '../../lambdas/billing/run-bills.ts';
import { takeDay } from '../../lambdas/billing/take-day.ts';
import { targetsOf } from '../../lambdas/billing/targets.ts';
import { closeDays } from '../../lambdas/close-day/close-days.ts';
import { makeProject } from '../../lambdas/project/handler.ts';
import { usagePointState } from '../../lambdas/register/change-point.ts';
import { LOOKED_UP_MS, runReseals } from '../../lambdas/register/reseal.ts';
import { correctTenancy, openAccount } from '../../lambdas/register/tenancy.ts';
import { RelayWorker } from '../../lambdas/relay/relay-worker.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { EmbeddedBus } from '../../platform/embedded/bus.ts';
import { doneOf, streamEvent } from '../../platform/embedded/host/stream-event.ts';
import type { LogFields, Platform } from '../../platform/ports/platform.ts';
import { all } from '../contract/support/events.ts';
import { discard } from '../contract/support/state.ts';
import { accessTo, mortal, type SealedWorld, sealedWorld, ZONE } from '../subjects/sealed-days.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { lambdaContext } from '../support/sqs.ts';
import { closePart, DATES, frameOf, openHomes, PERIOD } from './closed-homes.ts';

export const HOME = 'home-1';
export const TENANTS = ['acc-home-1', 'acc-new', 'acc-third'] as const;
export const startOf = (day: string): number => localDay(day, ZONE).start * 1000;
/** Tenancies are corrected from here on. */
export const SINCE = startOf('2026-10-20');
/** Wh of every slot, another on each day: energy on the wrong side of a cut shows. */
const WH: Readonly<Record<string, number>> = Object.fromEntries(DATES.map((day, i) => [day, 10 * (i + 1)]));

type Arrivals = Parameters<typeof streamEvent>[1];

/** A home whose tenancy is corrected while its days are closed, projected, relayed and billed. */
export class CorrectedHome {
  readonly world: SealedWorld;
  /** What any function wrote to its log as an error, and what came out of one. */
  readonly faults: string[] = [];
  readonly #seen = { project: new Set<string>(), relay: new Set<string>() };
  readonly #told: string[] = [];

  private constructor(world: SealedWorld) {
    this.world = world;
  }

  static async open(): Promise<CorrectedHome> {
    const world = await sealedWorld();
    await openHomes(world.as);
    for (const tenant of TENANTS.slice(1)) await openAccount(world.as('enrol'), tenant);
    return new CorrectedHome(world);
  }

  discard(): void {
    this.world.state.close();
    discard(this.world.state.directory);
  }

  async correct(cuts: readonly TenancyCut[]): Promise<void> {
    this.world.state.clock.advance(60_000);
    await correctTenancy(this.world.as('enrol'), HOME, { since: SINCE, cuts, reason: 'told late', by: 'clerk' });
  }

  /** Closes a day by the tenancy as it is now, in its parts, as close-day does with what came of it. */
  async close(day: string): Promise<void> {
    const { start, end, ...frame } = frameOf(HOME, day);
    const { tenancy } = await usagePointState(this.world.as('close-day'), HOME);
    for (const [n, { subject, from, until }] of partsBetween(tenancy, start * 1000, end * 1000).entries()) {
      const part = { ...frame, start: from / 1000, end: until / 1000, subject, part: n + 1 };
      await closePart(this.world.as, part, WH[day]!, { first: (part.start - start) / 900 });
    }
  }

  wait(milliseconds = LOOKED_UP_MS + 1): void {
    this.world.state.clock.advance(milliseconds);
  }

  /** @param moments appends to meter days after which the process ends, if it does */
  async reseal(moments = Number.POSITIVE_INFINITY): Promise<void> {
    await this.#noting('reseal', () => runReseals(mortal(this.#logged('archive'), moments)));
  }

  async reclose(): Promise<void> {
    await this.#noting('close-day', () => closeDays(this.#logged('close-day'), defencesUnderTest()));
  }

  /** A run over a period, as `bill run` does. */
  async bill(): Promise<void> {
    const platform = this.#logged('billing');
    const targets = (await targetsOf(platform, PERIOD)).filter(({ usagePoint }) => usagePoint === HOME);
    if (targets.length === 0) return;
    const sources = await openBilling(
      platform,
      targets.map(({ account }) => account),
      PERIOD,
    );
    const { failed } = await runBills(sources, targets, PERIOD);
    this.faults.push(...failed.map(({ code, account }) => `bill run ${account}: ${code}`));
  }

  async due(): Promise<void> {
    await this.#noting('bill-runs', () => dueRuns(this.#logged('billing')));
  }

  async project(): Promise<void> {
    const handler = makeProject(this.#logged('project'), defencesUnderTest());
    await this.#feed('project', async (arrivals) =>
      doneOf(arrivals, (await handler(streamEvent('project-days', arrivals), lambdaContext('project'))) ?? undefined),
    );
  }

  async relay(): Promise<void> {
    const bus = new EmbeddedBus({ send: async (queue: string, body: string) => void (queue === 'billing' && this.#told.push(body)) });
    const worker = new RelayWorker({ ...this.#logged('relay'), bus });
    await this.#feed('relay', async (arrivals) => doneOf(arrivals, await worker.take(streamEvent('relay', arrivals))));
  }

  /** Billing hears what the relay told, in any order. */
  async hear(order: (events: string[]) => readonly string[]): Promise<void> {
    for (const body of order(this.#told.splice(0))) {
      const heard = await this.#noting('billing', () => takeDay(this.#logged('billing'), body));
      if (!heard) this.#told.push(body);
    }
  }

  /** Everything that is scheduled, until nothing is left to do. */
  async settle(): Promise<void> {
    for (let round = 0; round < 6; round++) {
      this.wait();
      await this.reseal();
      await this.reclose();
      await this.project();
      await this.relay();
      await this.hear((events) => events);
    }
    await this.bill();
  }

  async billOf(account: string): Promise<BillState> {
    const platform = this.world.as('billing');
    const commits = await all(platform.events.read(`bill/${account}/${HOME}.${PERIOD.from}`, 0, await accessTo(platform, account)));
    return commits.flatMap(({ events }) => events).reduce(bill.evolve, bill.initial);
  }

  /** Whose data a principal opened. */
  async opened(principal: string): Promise<ReadonlySet<string>> {
    const { events } = this.world.as('auditor');
    const subjects = new Set<string>();
    for await (const stream of events.streams('access/')) {
      if (!stream.endsWith(`.${principal}`)) continue;
      for (const { data } of (await all(events.read(stream))).flatMap((commit) => [...commit.events]))
        if ('subjects' in data) for (const subject of data.subjects as string[]) subjects.add(subject);
    }
    return subjects;
  }

  /** Commits of meter days as a feed tells of them. */
  async arrivals(): Promise<Arrivals> {
    const archive = this.world.as('archive');
    const found: Arrivals[number][] = [];
    for await (const stream of archive.events.streams('meterday/')) {
      const access = await accessTo(archive, ...TENANTS, UTILITY);
      for (const { version, events, head, recordedAt, sealedBy = '' } of await all(archive.events.read(stream, 0, access))) {
        const count = events.length || head.version - version + 1;
        found.push({ place: 0, stream, version, count, keyId: sealedBy, recordedAt });
      }
    }
    return found.sort((a, b) => a.recordedAt - b.recordedAt);
  }

  #logged(principal: string): Platform {
    const error = (message: string, fields?: LogFields) => void this.faults.push(`${principal}: ${message} ${JSON.stringify(fields)}`);
    return { ...this.world.as(principal), log: { info: () => {}, warn: () => {}, error } };
  }

  async #noting(name: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof JoulekeepError)) {
        if ((error as Error).message === 'the process is gone') return false;
        throw error;
      }
      this.faults.push(`${name}: ${error.code} ${error.message}`);
      return false;
    }
  }

  async #feed(name: 'project' | 'relay', take: (arrivals: Arrivals) => Promise<number>): Promise<void> {
    const seen = this.#seen[name];
    const fresh = (await this.arrivals()).filter(({ stream, version }) => !seen.has(`${stream} ${version}`));
    if (fresh.length === 0) return;
    const done = await take(fresh.map((arrival, i) => ({ ...arrival, place: i + 1 })));
    for (const { stream, version } of fresh.slice(0, Math.max(0, done))) seen.add(`${stream} ${version}`);
  }
}

/** What a customer pays for the period; nothing where there is no bill. */
export function paid({ billed }: BillState) {
  const { lines = [], totalMicro = '0', importWh = '0' } = billed?.statement ?? {};
  return { lines: lines.filter(({ amountMicro }) => amountMicro !== '0'), totalMicro, importWh };
}
