import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { positionsAside, redrivePositions } from '../../bin/positions.ts';
import { type Doors, openDoors } from '../../bin/service/doors.ts';
import { handlersOn } from '../../bin/service/handlers.ts';
import { UTILITY } from '../../events/index.ts';
import { setEndpoint } from '../../lambdas/deliver/endpoints.ts';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { latestCheckpoint } from '../../lambdas/log/checkpoints.ts';
import { LogFiles } from '../../lambdas/log/log-files.ts';
import { PENDING } from '../../lambdas/log/places.ts';
import { appendItems } from '../../lambdas/shared/feeds/feed-append.ts';
import { feedStream } from '../../lambdas/shared/feeds/feed-names.ts';
import { FeedFile } from '../../platform/embedded/host/feed-file.ts';
import { EmbeddedHost, type HostHandlers } from '../../platform/embedded/host/host.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { FEED_START } from '../../protocol/feed.ts';
import { parseEntries } from '../../protocol/log/entry.ts';
import { Faults, faulty, faultyKms } from '../../test/support/faults.ts';
import { LOG_FEED } from '../../topology/feeds.ts';
import { FAILED_POSITIONS, QUEUES } from '../../topology/queues.ts';
import { answering } from '../ipc.ts';
import { now, type ServiceAnswer, type ServiceRequest } from './protocol.ts';

/** The whole service, with faults at its ports: what scenarios are played against. */
const OPERATOR = 'grid-ems';
const FEED_RETRY_MS = 1_000;
const IDLE_MS = 200;

type Boot = Extract<ServiceRequest, { type: 'boot' }>;
type Ask<Type extends ServiceRequest['type']> = Extract<ServiceRequest, { type: Type }>;

const faults = new Faults();
const failedSchedules: string[] = [];
let jumped = 0;
let platform: Embedded;
let doors: Doors;
let feedHost: EmbeddedHost;
let feeds: NonNullable<HostHandlers['feeds']>;
let issued = 0;

async function boot({ stateDir, clock: given, port, retryMs, schedules, timer, poison }: Boot): Promise<ServiceAnswer> {
  const clock = { now: () => now(given) + jumped };
  const opened = await createEmbeddedPlatform({
    ...{ stateDir, clock, timer, retryMs, privateNetworks: ['127.0.0.0/8'] },
    brokerPort: port,
  });
  platform = withFaults(opened);
  const made = handlersOn(platform, INGEST_LIMITS, true);
  const handlers = poison === undefined ? made : poisoned(made, poison);
  feeds = handlers.feeds ?? {};
  const wanted = (handlers.schedules ?? []).filter(({ name }) => schedules === 'all' || schedules.includes(name));
  await platform.host.start({ queues: handlers.queues, schedules: wanted.map(counted) });
  // Feeds try again sooner than queues, and sooner still where the clock goes faster.
  const changes = { events: platform.events, cursors: new FeedFile(join(stateDir, 'feeds.db')) };
  feedHost = new EmbeddedHost({ queues: platform.queues, changes, clock, log: platform.log, retryMs: FEED_RETRY_MS / given.speed });
  await feedHost.start({ queues: {}, feeds });
  doors = await openDoors(platform, clock, {});
  const { url } = platform.broker;
  return { type: 'booted', url, ca: platform.ca.rootPem, door: doors.customer.address, server: platform.ca.server };
}

/** The same platform, whose parts fail when they are told to; the key service also where the store calls it for its keys. */
function withFaults(opened: Embedded): Embedded {
  const kmsOf = opened.kms.as.bind(opened.kms);
  opened.kms.as = (principal) => faultyKms(kmsOf(principal), faults);
  const views = new Map<string, Platform>();
  const as = (principal: string): Platform => {
    const view = views.get(principal) ?? { ...faulty(opened.as(principal), faults), kms: opened.as(principal).kms };
    views.set(principal, view);
    return view;
  };
  return { ...opened, as };
}

/**
 * Feeds whose handlers throw as soon as the word is anywhere in what they are handed, and every other schedule fails. What is in a queue
 * is poison by itself: no handler can read it. The log's takes names and hashes, whatever was recorded.
 */
function poisoned({ queues, feeds: read = {}, schedules = [] }: HostHandlers, word: string): HostHandlers {
  const ofFeeds = Object.entries(read).map(([name, handler]) => {
    if (name === LOG_FEED.function) return [name, handler] as const;
    const fragile: typeof handler = async (event, context) => {
      if (JSON.stringify(event).includes(word)) throw new Error('a record that no handler survives');
      return await handler(event, context);
    };
    return [name, fragile] as const;
  });
  const failing = schedules.map((scheduled, n) => (n % 2 === 0 ? scheduled : { ...scheduled, handler: broken }));
  return { queues, feeds: Object.fromEntries(ofFeeds), schedules: failing };
}

async function broken(): Promise<never> {
  throw new Error('a schedule that fails whenever it runs');
}

function counted(scheduled: NonNullable<HostHandlers['schedules']>[number]): typeof scheduled {
  const handler: typeof scheduled.handler = async (event, context) => {
    try {
      return await scheduled.handler(event, context);
    } catch (error) {
      failedSchedules.push(scheduled.name);
      throw error;
    }
  };
  return { ...scheduled, handler };
}

async function standing(): Promise<ServiceAnswer> {
  const dead: Record<string, number> = {};
  for (const { queue, failed } of await platform.queues.standing()) if (failed > 0) dead[queue] = failed;
  const aside = positionsAside(platform.queues).map(({ feed, stream, version }) => `${feed} ${stream} ${version}`);
  const where: string[] = [];
  let waiting = 0;
  for (const { name } of QUEUES.filter((spec) => spec.name !== FAILED_POSITIONS)) {
    const { visible, inFlight } = await platform.queues.depth(name);
    waiting += visible + inFlight;
    if (visible + inFlight > 0) where.push(`${visible} + ${inFlight} in ${name}`);
  }
  if (!(await isIdle(feedHost))) where.push('feeds');
  const keys = platform.keys.as('maintenance');
  const secrets = (await keys.list('epoch/')).length + (await keys.list('shard/')).length;
  const { user, system } = process.cpuUsage();
  const { calls, refused, meterLookups } = faults;
  return {
    type: 'standing',
    waiting: waiting + where.length,
    where,
    secrets,
    dead,
    aside,
    calls,
    refused,
    meterLookups,
    failedSchedules,
    cpuSeconds: (user + system) / 1e6,
  };
}

async function isIdle(host: EmbeddedHost): Promise<boolean> {
  const timer = Promise.withResolvers<false>();
  const late = setTimeout(() => timer.resolve(false), IDLE_MS);
  const idle = await Promise.race([host.drain().then(() => true as const), timer.promise]);
  clearTimeout(late);
  return idle;
}

async function signIn({ homes, thumbprints }: Ask<'sign-in'>): Promise<ServiceAnswer> {
  const wall = { now: () => Date.now() };
  const sessions = new Sessions({ ...platform.as('session'), wall });
  const begun = thumbprints.map(async (keyThumbprint, n) => {
    const { account, usagePoint } = homes[n % homes.length]!;
    const how = { role: 'customer', signedInAt: wall.now(), method: 'passkey', device: 'chaos' } as const;
    return { token: (await sessions.begin({ person: account, keyThumbprint, ...how })).token, usagePoint };
  });
  return { type: 'signed-in', sessions: await Promise.all(begun) };
}

async function issue({ feed, count }: Ask<'issue'>): Promise<void> {
  const { events, clock } = platform.as('billing-api');
  for (let n = 0; n < count; n++) {
    const hash = createHash('sha256').update(`${feed} ${++issued}`).digest('base64url');
    const item = { seq: issued, prevHash: FEED_START.hash, hash, jws: `item.${issued}.x`, at: clock.now() };
    await appendItems({ events }, await events.head(feedStream(feed)), [item]);
  }
}

async function leavesOf(streams: readonly string[]): Promise<ServiceAnswer> {
  const { objects, kms } = platform.as('log');
  const found = new Set<string>();
  // First what waits: what gets its place meanwhile is in the log afterwards.
  for (const key of await objects.list(PENDING))
    for (const { stream } of parseEntries((await objects.get(key)) ?? Buffer.alloc(0))) found.add(stream);
  const { size } = (await latestCheckpoint(objects, kms)) ?? { size: 0 };
  for await (const { stream } of new LogFiles(objects).entries(0, size)) found.add(stream);
  return { type: 'leaves', streams: streams.filter((stream) => found.has(stream)) };
}

/** What is recorded says nothing; the name of its stream is what handlers meet. */
async function recordIn(stream: string): Promise<void> {
  const data = { dcId: 'none', fingerprint: '', at: 0 };
  const commit = { commitId: createHash('sha256').update(stream).digest(), events: [{ type: 'RelayRegistered' as const, data }] };
  if (stream.startsWith('meterday/')) {
    const subject = { of: 'usage', subject: UTILITY, month: '2026-01' } as const;
    const { events } = platform.as('close-day');
    await events.append(await events.head(stream, subject), { ...commit, subject }).durable;
  } else {
    const { events } = platform.as(stream.startsWith('segment/') ? 'ingest' : 'billing-api');
    await events.append(await events.head(stream), commit).durable;
  }
}

async function handle(request: ServiceRequest): Promise<ServiceAnswer> {
  switch (request.type) {
    case 'boot':
      return await boot(request);
    case 'trouble':
      faults.set(request.part, request.trouble);
      break;
    case 'jump':
      jumped += request.by;
      if (request.run) await platform.host.runDue();
      break;
    case 'sign-in':
      return await signIn(request);
    case 'leaves':
      return await leavesOf(request.streams);
    case 'send':
      for (const { queue, body } of request.messages) await platform.queues.send(queue, body);
      break;
    case 'subscribe': {
      const url = `https://localhost:${request.port}/feeds`;
      const trust = { url, ca: platform.ca.rootPem };
      await setEndpoint(platform.as('deliver'), { recipient: OPERATOR, feed: request.feed, ...trust }, 'operator');
      break;
    }
    case 'issue':
      await issue(request);
      break;
    case 'record':
      await recordIn(request.stream);
      break;
    case 'redrive':
      await redrivePositions(platform.queues, feeds);
      break;
    default:
      return await standing();
  }
  return { type: 'done' };
}

answering(handle);
process.on('disconnect', () => {
  void Promise.resolve(feedHost?.stop())
    .then(() => platform?.close())
    .finally(() => process.exit(0));
});
