import type { Context, ScheduledEvent } from 'aws-lambda';
import { JoulekeepError } from '../../../events/errors.ts';
import { QUEUES, type QueueSpec } from '../../../topology/queues.ts';
import type { Clock, Log } from '../../ports/platform.ts';
import type { EmbeddedQueues } from '../queues.ts';
import { lambdaContext, scheduledEvent } from './lambda-context.ts';
import { codeOf, type QueueHandler, QueueWorker, within } from './queue-worker.ts';

const MINUTE = 60_000;
const SCHEDULE_CHECK_MS = 1_000;
const IDLE_CHECK_MS = 10;
const SCHEDULED_TIMEOUT_MS = 15 * MINUTE;

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
}

export interface HostOptions {
  readonly queues: EmbeddedQueues;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: topology/queues.ts. */
  readonly specs?: readonly QueueSpec[];
  /**
   * Real ms after which a failed message shows again. Default: when its visibility ends, as on AWS, which is minutes:
   * whoever drives the clock and waits for `drain` gives a short time.
   */
  readonly retryMs?: number;
  /** false: scheduled handlers run only in `runDue`, for whoever drives the clock. Default true. */
  readonly timer?: boolean;
}

/** Runs handlers in this process as Lambda would: the same events, the same retries, the same dead letters. */
export class EmbeddedHost {
  readonly #options: HostOptions;
  #workers: readonly QueueWorker[] = [];
  #schedules: readonly Schedule[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** @throws ERR_HANDLER_WITHOUT_QUEUE when the topology has no queue of a handler's name */
  async start(handlers: HostHandlers): Promise<void> {
    const { queues, log, specs = QUEUES, retryMs, clock, timer = true } = this.#options;
    const stray = Object.keys(handlers.queues).find((name) => !specs.some((spec) => spec.name === name));
    if (stray !== undefined) throw new JoulekeepError('ERR_HANDLER_WITHOUT_QUEUE', `the topology has no queue ${stray}`);
    await queues.releaseInFlight();
    this.#workers = specs.flatMap((spec) => {
      const handler = handlers.queues[spec.name];
      return handler === undefined ? [] : [new QueueWorker({ queues, spec, handler, log, retryMs })];
    });
    this.#schedules = (handlers.schedules ?? []).map((scheduled) => new Schedule(scheduled, clock.now(), log));
    if (timer && this.#schedules.length > 0) this.#timer = setInterval(() => void this.runDue(), SCHEDULE_CHECK_MS);
  }

  /** Runs the scheduled handlers whose time has come; one that missed several times runs once. */
  async runDue(): Promise<void> {
    const now = this.#options.clock.now();
    for (const schedule of this.#schedules) await schedule.run(now);
  }

  /** Resolves when every queue that has a handler is empty (dead letters aside) and no handler is at work. */
  async drain(): Promise<void> {
    while (!(await this.#isIdle())) await new Promise((resolve) => setTimeout(resolve, IDLE_CHECK_MS));
  }

  /** Takes no more work; resolves when what runs has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await Promise.all(this.#schedules.map((schedule) => schedule.running));
    this.#workers = [];
    this.#schedules = [];
  }

  async #isIdle(): Promise<boolean> {
    if (this.#schedules.some((schedule) => schedule.running !== undefined)) return false;
    for (const worker of this.#workers) if (!(await worker.isIdle())) return false;
    return true;
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
