import type { Context, ScheduledEvent } from 'aws-lambda';
import { codeOf, JoulekeepError } from '../../../events/errors.ts';
import { FEEDS, type FeedSpec } from '../../../topology/feeds.ts';
import { QUEUES, type QueueSpec } from '../../../topology/queues.ts';
import type { Clock, Log } from '../../ports/platform.ts';
import type { EventDatabase } from '../event-database.ts';
import type { EmbeddedQueues } from '../queues.ts';
import { ClockWatch } from './clock-watch.ts';
import type { FeedFile } from './feed-file.ts';
import type { FeedHandler } from './feed-shard.ts';
import { FeedWorker } from './feed-worker.ts';
import { lambdaContext, scheduledEvent } from './lambda-context.ts';
import { type QueueHandler, QueueWorker, within } from './queue-worker.ts';

const MINUTE = 60_000;
const SCHEDULE_CHECK_MS = 1_000;
const IDLE_CHECK_MS = 10;
const SCHEDULED_TIMEOUT_MS = 15 * MINUTE;
const FEED_RETRY_MS = 1_000;

/** A handler that runs at every whole multiple of so many minutes, UTC, by the platform's clock. */
export interface ScheduledHandler {
  readonly name: string;
  readonly everyMinutes: number;
  readonly handler: (event: ScheduledEvent, context: Context) => Promise<unknown>;
}

/** What bin/ hands over: handlers of lambdas/, each made with the platform of its principal. */
export interface HostHandlers {
  /** By name of the queue. A queue without a handler keeps its messages. */
  readonly queues: Readonly<Record<string, QueueHandler>>;
  readonly schedules?: readonly ScheduledHandler[];
  /** By name of the function of topology/feeds.ts. A feed without a handler keeps its place. */
  readonly feeds?: Readonly<Record<string, FeedHandler>>;
}

export interface HostOptions {
  readonly queues: EmbeddedQueues;
  /** What feeds read, and where they keep how far they are; without them the host runs none. */
  readonly changes?: { readonly events: EventDatabase; readonly cursors: FeedFile };
  readonly clock: Clock;
  readonly log: Log;
  /** Default: topology/queues.ts. */
  readonly specs?: readonly QueueSpec[];
  /** Default: topology/feeds.ts. */
  readonly feeds?: readonly FeedSpec[];
  /**
   * Real ms after which a failed message shows again. Default: when its visibility ends, as on AWS, which is minutes:
   * whoever drives the clock and waits for `drain` gives a short time.
   */
  readonly retryMs?: number;
  /** What the platform itself does by the clock, beside the handlers. */
  readonly chores?: readonly ScheduledHandler[];
  /** false: scheduled handlers run only in `runDue`, for whoever drives the clock. Default true. */
  readonly timer?: boolean;
}

/** Runs handlers in this process as Lambda would: the same events, the same retries, the same dead letters. */
export class EmbeddedHost {
  readonly #options: HostOptions;
  #workers: readonly QueueWorker[] = [];
  #feeds: readonly FeedWorker[] = [];
  #schedules: readonly Schedule[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** @throws ERR_HANDLER_WITHOUT_QUEUE, ERR_HANDLER_WITHOUT_FEED when the topology has no queue or feed for a handler */
  async start(handlers: HostHandlers): Promise<void> {
    const { queues, log, specs = QUEUES, retryMs, clock, timer = true, chores = [] } = this.#options;
    const stray = Object.keys(handlers.queues).find((name) => !specs.some((spec) => spec.name === name));
    if (stray !== undefined) throw new JoulekeepError('ERR_HANDLER_WITHOUT_QUEUE', `the topology has no queue ${stray}`);
    await queues.releaseInFlight();
    this.#workers = specs.flatMap((spec) => {
      const handler = handlers.queues[spec.name];
      return handler === undefined ? [] : [new QueueWorker({ queues, spec, handler, log, retryMs })];
    });
    this.#feeds = this.#feedWorkers(handlers.feeds ?? {});
    this.#schedules = [...chores, ...(handlers.schedules ?? [])].map((scheduled) => new Schedule(scheduled, clock.now(), log));
    if (timer && this.#schedules.length > 0) this.#runByThemselves(new ClockWatch(clock));
  }

  /** While the clock stands where it can't be, nothing runs that it demands. */
  #runByThemselves(watch: ClockWatch): void {
    let wasAway = false;
    this.#timer = setInterval(() => {
      const isAway = watch.isAway();
      if (isAway && !wasAway) this.#options.log.error('the clock jumped: no schedule runs until it is back or the service begins anew');
      wasAway = isAway;
      if (!isAway) void this.runDue();
    }, SCHEDULE_CHECK_MS);
  }

  /** Runs the scheduled handlers whose time has come; one that missed several times runs once. */
  async runDue(): Promise<void> {
    const now = this.#options.clock.now();
    for (const schedule of this.#schedules) await schedule.run(now);
  }

  /** Resolves when every queue and feed that has a handler is done (dead letters aside) and no handler is at work. */
  async drain(): Promise<void> {
    while (!(await this.#isIdle())) await new Promise((resolve) => setTimeout(resolve, IDLE_CHECK_MS));
  }

  /**
   * Resolves when a function has heard of everything that was put before this call.
   * @throws ERR_FEED_BEHIND (retryable) when it has not within a minute of real time
   */
  async caughtUp(name: string): Promise<void> {
    const place = this.#options.changes?.events.lastPlace() ?? 0;
    const until = performance.now() + MINUTE;
    while (!this.#feeds.every((feed) => feed.function !== name || feed.hasPassed(place))) {
      if (performance.now() > until) throw new JoulekeepError('ERR_FEED_BEHIND', `${name} is behind the store`, { retryable: true });
      await new Promise((resolve) => setTimeout(resolve, IDLE_CHECK_MS));
    }
  }

  /** Takes no more work; resolves when what runs has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#workers, ...this.#feeds].map((worker) => worker.stop()));
    await Promise.all(this.#schedules.map((schedule) => schedule.running));
    this.#workers = [];
    this.#feeds = [];
    this.#schedules = [];
  }

  #feedWorkers(handlers: Readonly<Record<string, FeedHandler>>): FeedWorker[] {
    const { queues, log, changes, feeds = FEEDS, retryMs = FEED_RETRY_MS } = this.#options;
    const stray = Object.keys(handlers).find((name) => changes === undefined || !feeds.some((spec) => spec.function === name));
    if (stray !== undefined) throw new JoulekeepError('ERR_HANDLER_WITHOUT_FEED', `the topology has no feed for ${stray}`);
    return feeds.flatMap((spec) => {
      const handler = handlers[spec.function];
      return handler === undefined ? [] : [new FeedWorker({ ...changes!, queues, spec, handler, log, retryMs })];
    });
  }

  /** What one worker does may be work for another that was just found idle: nobody may have moved while all were asked. */
  async #isIdle(): Promise<boolean> {
    const before = this.#moves();
    if (this.#schedules.some((schedule) => schedule.running !== undefined)) return false;
    for (const worker of [...this.#workers, ...this.#feeds]) if (!(await worker.isIdle())) return false;
    return this.#moves() === before;
  }

  #moves(): number {
    return [...this.#workers, ...this.#feeds].reduce((sum, worker) => sum + worker.batches, 0);
  }
}

class Schedule {
  readonly #scheduled: ScheduledHandler;
  readonly #log: Log;
  #due: number;
  running: Promise<void> | undefined;

  constructor(scheduled: ScheduledHandler, now: number, log: Log) {
    this.#scheduled = scheduled;
    this.#log = log;
    this.#due = this.#latest(now) + this.#period;
  }

  get #period(): number {
    return this.#scheduled.everyMinutes * MINUTE;
  }

  /** Runs the handler unless it isn't due or still runs. */
  async run(now: number): Promise<void> {
    if (now < this.#due || this.running !== undefined) return;
    const at = this.#latest(now);
    this.#due = at + this.#period;
    this.running = this.#invoke(at).finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  #latest(now: number): number {
    return Math.floor(now / this.#period) * this.#period;
  }

  async #invoke(at: number): Promise<void> {
    const { name, handler } = this.#scheduled;
    const context = lambdaContext(name, SCHEDULED_TIMEOUT_MS);
    try {
      await within(SCHEDULED_TIMEOUT_MS, handler(scheduledEvent(name, at), context));
    } catch (error) {
      this.#log.error('scheduled handler failed', { reason: name, code: codeOf(error), requestId: context.awsRequestId });
    }
  }
}
