import { closeSegment } from '../../lambdas/close-day/close-segment.ts';
import { Closer } from '../../lambdas/close-day/closer.ts';
import { runRetention } from '../../lambdas/retention/run-retention.ts';
import { localDay, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ClosingWorld, type Enrolled, SEGMENT } from '../meterday/closing-world.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { HOME } from '../support/sealed-town.ts';

export const ZONE = 'Europe/London';
export const FIRST = '2026-01-10';
export const STREAM = `segment/${SEGMENT}`;
export const DAY_MS = 86_400_000;

/** What a slot of these homes measures. */
export const valueAt = (end: number, home = 0): number => 50 + home + ((end / 900) % 41);

/** Two homes on the embedded platform, on a clock that is set. */
export class RetentionWorld {
  readonly directory = temporaryDirectory();
  readonly clock = new ManualClock(localDay(FIRST, ZONE).start * 1000);
  readonly homes: Enrolled[] = [];
  platform!: Embedded;
  closing!: ClosingWorld;
  #opened = false;

  static async make(homes = 2): Promise<RetentionWorld> {
    const made = new RetentionWorld();
    await made.open();
    for (let n = 0; n < homes; n++) made.homes.push(await made.closing.enrol({ firstDay: FIRST, asset: HOME, longest: 96, days: 80 }));
    return made;
  }

  /** A process with nothing in memory, on the same state. */
  async open(): Promise<void> {
    if (this.#opened) await this.platform.close();
    const options = { stateDir: this.directory, clock: this.clock, defences: defencesUnderTest(), timer: false };
    this.platform = await createEmbeddedPlatform(options);
    this.closing = new ClosingWorld(this.clock.now(), { as: (principal) => this.as(principal), clock: this.clock });
    this.#opened = true;
  }

  /** After the platform was closed by hand. */
  async reopen(): Promise<void> {
    this.#opened = false;
    await this.open();
  }

  as(principal: string): Platform {
    return this.platform.as(principal);
  }

  async close(): Promise<void> {
    await this.platform.close();
    discard(this.directory);
  }

  /** Both homes measure a day, send it in two commits, and seal it. */
  async play(day: string): Promise<void> {
    const { start, end } = localDay(day, ZONE);
    for (const half of [start + 12 * 3600, end]) {
      for (const [home, meter] of this.homes.entries()) {
        for (let at = half - 12 * 3600 + 900; at <= half; at += 900) if (at > start) meter.measure(at, valueAt(at, home));
        await this.closing.say(meter, meter.frames(half), half * 1000 + 90_000);
      }
    }
    for (const meter of this.homes) await this.closing.say(meter, await meter.seals(), this.clock.now() + 60_000);
  }

  /** 07:00 after a day: it is closed. */
  async closeDay(day: string): Promise<void> {
    this.clock.set(provisionalAt(day, ZONE));
    await closeSegment(this.as('close-day'), SEGMENT, new Closer(this.as('close-day'), defencesUnderTest()));
  }

  /** What ingest does once a day. */
  async checkpoint(): Promise<void> {
    const segments = new Segments(this.as('ingest'));
    const warm = await segments.load(SEGMENT);
    await segments.ready(warm);
    await segments.checkpointIfDue(warm);
    await warm.settled;
  }

  /** Days from the first on, each played, checkpointed, closed, and retained. */
  async live(days: number, { from = 0, retain = true } = {}): Promise<void> {
    for (let n = from; n < from + days; n++) {
      const day = plusDays(FIRST, n);
      await this.play(day);
      await this.checkpoint();
      await this.closeDay(day);
      if (retain) await runRetention(this.as('archive'));
    }
  }
}
