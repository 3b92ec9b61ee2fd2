import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { SQSEvent } from 'aws-lambda';
import { CATALOGUE } from '../events/catalogue/catalogue.ts';
import type { Audience, CloudEvent } from '../events/catalogue/entry.ts';
import { type FeedGrew, feedGrewType } from '../events/catalogue/feed-grew.ts';
import type { FeedItemIssued } from '../events/index.ts';
import { makeIngest } from '../lambdas/ingest/handler.ts';
import { INGEST_LIMITS } from '../lambdas/ingest/limits.ts';
import { makeProject } from '../lambdas/project/handler.ts';
import { makeRelay } from '../lambdas/relay/handler.ts';
import { appendItems } from '../lambdas/shared/feeds/feed-append.ts';
import { feedStream } from '../lambdas/shared/feeds/feed-names.ts';
import type { Embedded } from '../platform/embedded/platform.ts';
import type { StreamHead } from '../platform/ports/event-store.ts';
import { FEED_START } from '../protocol/feed.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { onPlatform } from './durable-ingest.ts';
import { atMost, percentile, type Result } from './measure.ts';
import { enrolled, HOUR, hourOfMessages, START } from './sealed-load.ts';

const METERS = 5_000;
/** Frames of one message. */
const BATCH = 500;
/** Facts of each audience, ten a second. */
const FACT_MS = 100;
/** The first hours load keys and fold what enrolment wrote. */
const WARM_UP = 2;
const LIMIT_MS = 1_000;

/** Every audience, and the queue by which it hears that a feed of its own grew: the catalogue says it. */
const AUDIENCES = CATALOGUE.filter(({ type, audience }) => type === feedGrewType(audience)).map(({ audience, queue }) => ({
  audience,
  queue,
}));

/** From the publishing of a fact to the handler of each audience's queue, while so many frames a second are taken in and projected. */
export async function audiences(seconds: number, framesPerSecond: number): Promise<Result[]> {
  const idle = await delays(seconds, 0);
  const loaded = await delays(seconds, framesPerSecond);
  const under = `at ${framesPerSecond.toLocaleString('en')} frames/s`;
  return [
    ...AUDIENCES.map(({ audience }) =>
      atMost(`publish to ${audience}, ${under}, p99`, percentile(loaded.get(audience)!, 99), 'ms', LIMIT_MS),
    ),
    { name: 'publish to an audience, nothing else to do, p99', value: percentile([...idle.values()].flat(), 99), unit: 'ms' },
  ];
}

async function delays(seconds: number, framesPerSecond: number): Promise<ReadonlyMap<Audience, readonly number[]>> {
  return onPlatform(async (platform, clock) => {
    const groups = await enrolled((principal) => platform.as(principal), METERS);
    const heard = new Heard();
    const telemetry = makeIngest(platform.as('ingest'), ALL_DEFENCES, { limits: INGEST_LIMITS });
    const queues = Object.fromEntries(AUDIENCES.map(({ queue }) => [queue, async (event: SQSEvent) => heard.take(event)]));
    const feeds = { project: makeProject(platform.as('project'), ALL_DEFENCES), relay: makeRelay(platform.as('relay'), ALL_DEFENCES) };
    await platform.host.start({ queues: { telemetry, ...queues }, feeds });
    for (let hour = 1; hour <= WARM_UP; hour++) {
      clock.at = START + hour * HOUR;
      for (const body of hourOfMessages(groups, hour)) await platform.queues.send('telemetry', body);
      await platform.host.drain();
    }
    const load = loadFor(platform, clock, groups, seconds, framesPerSecond);
    await publishFor(platform, heard, seconds);
    await load;
    await platform.host.drain();
    await platform.host.stop();
    return heard.delays(seconds * (1_000 / FACT_MS));
  });
}

type Groups = Awaited<ReturnType<typeof enrolled>>;

/** Batches as concentrators send them, evenly; sealed before the clock runs. */
async function loadFor(platform: Embedded, clock: { at: number }, groups: Groups, seconds: number, framesPerSecond: number): Promise<void> {
  const messages = (seconds * framesPerSecond) / BATCH;
  const hours = Array.from({ length: Math.ceil(messages / groups.length) }, (_, n) => hourOfMessages(groups, WARM_UP + 1 + n));
  const started = performance.now();
  for (let n = 0; n < messages; n++) {
    const hour = Math.floor(n / groups.length);
    await wait(Math.max(0, started + (n * BATCH * 1_000) / framesPerSecond - performance.now()));
    clock.at = START + (WARM_UP + 1 + hour) * HOUR;
    await platform.queues.send('telemetry', hours[hour]![n % groups.length]!);
  }
}

/** A fact for each audience, ten times a second. */
async function publishFor(platform: Embedded, heard: Heard, seconds: number): Promise<void> {
  const writers = { notices: platform.as('third-party-feed').events, others: platform.as('billing-api').events };
  const heads = new Map<string, StreamHead>();
  const started = performance.now();
  for (let n = 0; n < seconds * (1_000 / FACT_MS); n++) {
    await wait(Math.max(0, started + n * FACT_MS - performance.now()));
    const publishing = AUDIENCES.map(async ({ audience }) => {
      const feed = `${audience}/bench`;
      const events = audience === 'third-party' ? writers.notices : writers.others;
      const head = heads.get(feed) ?? (await events.head(feedStream(feed)));
      const hash = createHash('sha256').update(`${feed} ${n}`).digest('base64url');
      const item: FeedItemIssued = { seq: n + 1, prevHash: FEED_START.hash, hash, jws: 'x'.repeat(500), at: START };
      heard.published(feed, n + 1);
      await appendItems({ events }, head, [item]);
      heads.set(feed, await events.head(feedStream(feed)));
    });
    await Promise.all(publishing);
  }
}

/** When what was published, and when it arrived. */
class Heard {
  readonly #published = new Map<string, number>();
  readonly #arrived = new Map<string, number>();

  published(feed: string, seq: number): void {
    this.#published.set(`${feed} ${seq}`, performance.now());
  }

  take({ Records }: SQSEvent): undefined {
    const now = performance.now();
    for (const { body } of Records) {
      const { feed, seq } = (JSON.parse(body) as CloudEvent<FeedGrew>).data;
      const key = `${feed} ${seq}`;
      if (!this.#arrived.has(key)) this.#arrived.set(key, now);
    }
    return undefined;
  }

  /** @throws Error when an audience has not heard all */
  delays(each: number): ReadonlyMap<Audience, readonly number[]> {
    return new Map(
      AUDIENCES.map(({ audience }) => {
        const mine = [...this.#arrived].filter(([key]) => key.startsWith(`${audience}/bench `));
        if (mine.length !== each) throw new Error(`benchmark: ${audience} has heard ${mine.length} of ${each} facts`);
        return [audience, mine.map(([key, at]) => at - this.#published.get(key)!)] as const;
      }),
    );
  }
}
