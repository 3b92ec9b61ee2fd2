import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { handlersOn } from '../../bin/service/handlers.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import { dueRuns } from '../../lambdas/billing/due-runs.ts';
import { billStreams } from '../../lambdas/billing/open-billing.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { billFacts } from '../../lambdas/billing-feed/bill-facts.ts';
import { closeDays } from '../../lambdas/close-day/close-days.ts';
import { Consents } from '../../lambdas/consent/consents.ts';
import { type ErasureRun, runErasures } from '../../lambdas/erasure/run-erasures.ts';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { runReseals } from '../../lambdas/register/reseal.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { runRetention } from '../../lambdas/retention/run-retention.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { localDay, meterDayStream, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { TARIFF } from '../billing/closed-homes.ts';
import { temporaryDirectory } from '../contract/support/state.ts';
import { DAY_MS, FIRST, RetentionWorld, ZONE } from '../retention/retention-world.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { HOME } from '../support/sealed-town.ts';

export { DAY_MS };
export const RECIPIENT = 'brightly';
/** Every fourth slot of a home measures this, and no other slot of anybody does; no stream has so many versions. */
const MARKS = [1_513, 1_487, 1_531];

export function accountOf(home: number): string {
  return `acc-${home}`;
}

export function markOf(home: number): number {
  return MARKS[home]!;
}

/** What somebody wrote about a day of the home. */
export function groundsOf(home: number): string {
  return `grounds of home ${home}: came back from hospital on the twelfth`;
}

/** Three homes with tenants, bills, consents, sign-ins and readings that can be told apart, on a clock that is set. */
export class ErasureTown extends RetentionWorld {
  /** Days played so far. */
  #days = 0;
  /** Whether anybody is billed. */
  bills = true;
  /** Homes whose meters say nothing. */
  readonly silent = new Set<number>();
  /** Homes that nobody lives in any more: their meters measure on. */
  readonly #left = new Set<number>();

  static override async make(): Promise<ErasureTown> {
    const made = new ErasureTown();
    await made.open();
    for (let n = 0; n < MARKS.length; n++)
      made.homes.push(await made.closing.enrol({ firstDay: FIRST, asset: HOME, longest: 96, days: 80 }));
    const since = localDay(FIRST, ZONE).start * 1000;
    const entries = made.homes.map(({ options }, home) => ({
      ...{ usagePoint: `home-${home}`, premises: `p-${home}`, zone: ZONE, areaLeaf: 'area-1', meterClass: 'residential' as const },
      meter: { meterId: options.meterId, from: since, asset: HOME },
      tenant: { accountId: accountOf(home), from: since },
      tariff: { tariff: 'flat', from: '2026-01-01' },
    }));
    await openPoints(made.as('enrol'), entries);
    await publishTariff(made.as('billing'), { file: 'flat.json', text: JSON.stringify(TARIFF) }, new Map());
    return made;
  }

  /** The functions that hear of commits and of each other, as in the service. */
  override async open(): Promise<void> {
    await super.open();
    const { queues, feeds } = handlersOn(this.platform, INGEST_LIMITS);
    await this.platform.host.start({ queues, ...(feeds === undefined ? {} : { feeds }) });
  }

  get today(): string {
    return plusDays(FIRST, this.#days);
  }

  override async play(day: string): Promise<void> {
    const { start, end } = localDay(day, ZONE);
    for (const [home, meter] of this.homes.entries()) {
      if (this.silent.has(home)) continue;
      for (let at = start + 900; at <= end; at += 900)
        meter.measure(at, at % 3600 === 0 && !this.#left.has(home) ? markOf(home) : 1_300 + ((at / 900 + home) % 41));
      await this.closing.say(meter, meter.frames(end), end * 1000 + 90_000);
      await this.closing.say(meter, await meter.seals(), this.clock.now() + 60_000);
    }
  }

  /** Days as they come: measured, checkpointed, closed, retained, billed. */
  async days(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      await this.play(this.today);
      await this.night();
    }
  }

  /** Weeks of which everybody tells one day. */
  async weeks(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      await this.days(1);
      await this.silence(6);
    }
  }

  /** Totals of every bill of the home. */
  async amounts(home: number): Promise<readonly bigint[]> {
    const platform = this.as('billing-api');
    const subject = accountOf(home);
    const access = await openSubjectData(platform, { purpose: 'billing', from: 0, until: 4e12, subjects: [subject] });
    const streams = await billStreams(platform, subject);
    const facts = await Promise.all(streams.map((stream) => billFacts(platform, stream, access)));
    return facts.flat().map(({ event }) => BigInt(event.data.totalMicro));
  }

  /** The same without anybody measuring, many days at once. */
  async silence(days: number): Promise<void> {
    this.#days += days - 1;
    await this.night();
  }

  async night(): Promise<void> {
    await this.checkpoint();
    this.clock.set(provisionalAt(this.today, ZONE));
    this.#days++;
    const { failed } = await closeDays(this.as('close-day'), defencesUnderTest());
    if (failed > 0) throw new Error('a segment could not be closed');
    if (this.bills) await dueRuns(this.as('billing'));
    await runRetention(this.as('archive'));
    await this.platform.host.drain();
  }

  /** From the day that is next. */
  async moveOut(home: number): Promise<void> {
    this.#left.add(home);
    await endTenancy(this.as('enrol'), `home-${home}`, localDay(this.today, ZONE).start * 1000);
    await this.reseal();
  }

  async reseal(): Promise<void> {
    for (let run = 0; run < 3; run++) {
      await runReseals(this.as('archive'));
      this.clock.advance(20 * 60_000);
    }
  }

  async consent(home: number): Promise<string> {
    const now = this.clock.now();
    const signedIn = { account: accountOf(home), authTime: now - 60_000, authMethod: 'test' };
    return await new Consents(this.as('consent'), defencesUnderTest()).grant(signedIn, {
      ...{ recipient: RECIPIENT, purpose: 'efficiency', dataClasses: ['usage'], resolution: 'day' },
      ...{ from: localDay(FIRST, ZONE).start * 1000, until: now + 30 * DAY_MS, expiresAt: now + 200 * DAY_MS, textHash: 'ab'.repeat(32) },
    });
  }

  /** Somebody writes something about a day of the home. */
  async remark(home: number, day: string): Promise<void> {
    const platform = this.as('editing');
    const subject = accountOf(home);
    const { start, end } = localDay(day, ZONE);
    const access = await openSubjectData(platform, { purpose: 'editing', from: start * 1000, until: end * 1000, subjects: [subject] });
    const of = { subject: { of: 'usage', subject, month: day.slice(0, 7) }, access } as const;
    const stream = meterDayStream(this.homes[home]!.options.meterId, day, 1);
    const edit = { type: 'AgreeReading', channel: 0, slots: [5], counts: [7], reason: 'agreed', by: 'ann', at: this.clock.now() } as const;
    const { events } = await runDecider(platform.events, stream, meterDay, { ...edit, note: groundsOf(home) }, undefined, of);
    if (events.length === 0) throw new Error('nothing was remarked');
  }

  /** One run of the duty. @param platform that may die on the way */
  async erase(platform: Platform = this.as('erasure')): Promise<ErasureRun> {
    return await runErasures({ platform, defences: defencesUnderTest(), signIns: this.platform.identity });
  }

  /** What a backup has: everything but keys. @returns its folder, the caller's to discard */
  async backup(): Promise<string> {
    const copy = temporaryDirectory();
    await this.platform.close();
    for (const name of ['events.db', 'models.db', 'directory.db', 'queues.db', 'feeds.db', 'objects', 'log.jsonl'])
      cpSync(join(this.directory, name), join(copy, name), { recursive: true, preserveTimestamps: true });
    await this.reopen();
    return copy;
  }
}
