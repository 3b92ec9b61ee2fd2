import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { install, Service } from '../bin/service/service.ts';
import { writeCompiledCode } from '../bin/terminal/compiled-code.ts';
import { FeedFile } from '../platform/embedded/host/feed-file.ts';
import { createEmbeddedPlatform, type Embedded } from '../platform/embedded/platform.ts';
import type { StreamHead } from '../platform/ports/event-store.ts';
import { sealedTown, telemetryBody } from '../test/support/sealed-town.ts';
import { FEEDS } from '../topology/feeds.ts';
import { answering } from './ipc.ts';
import { HOUR, START } from './sealed-load.ts';

/** A service that is killed, and the one that begins where it ended. */
export type RestartRequest =
  /** Makes an installation with so many commits, its feeds as far as they are. */
  | { readonly type: 'fill'; readonly stateDir: string; readonly commits: number }
  /** Writes until it is killed. */
  | { readonly type: 'go-on' }
  | { readonly type: 'boot'; readonly stateDir: string }
  /** Takes that batch. */
  | { readonly type: 'first-batch'; readonly body: string };

export type RestartAnswer =
  /** @property body a batch of the town's, as a message of the telemetry queue */
  | { readonly type: 'filled'; readonly body: string }
  | { readonly type: 'booted' }
  /** Processor time since the process began. */
  | { readonly type: 'recorded'; readonly cpuSeconds: number };

const METERS = 500;
const SEGMENTS = 1_000;
const GROUP = 100;
/** With envelope and key, what is sealed comes to 1 KiB. */
const RAW_BYTES = 900;
const clock = { at: START };
const RELAY = 'dc-restart';
const TOWN = 'segment/00000';

let platform: Embedded;
let service: Service;
const heads = new Map<string, StreamHead>();
let written = 0;

async function fill({ stateDir, commits }: Extract<RestartRequest, { type: 'fill' }>): Promise<string> {
  platform = await createEmbeddedPlatform({ stateDir, clock: { now: () => clock.at }, timer: false });
  await install(platform, { now: () => clock.at });
  const town = await sealedTown((principal) => platform.as(principal), { meters: METERS, segmentSize: METERS, relays: [RELAY], at: START });
  while (written < commits) await writeGroup();
  const cursors = new FeedFile(join(stateDir, 'feeds.db'));
  for (const { name, parallelization } of FEEDS) {
    const place = platform.events.lastPlace();
    for (let shard = 0; shard < parallelization; shard++) cursors.move(name, shard, parallelization, { place, attempts: 0 });
  }
  cursors.close();
  const at = START + HOUR;
  return telemetryBody(
    RELAY,
    at,
    1,
    town.map((meter) => meter.reading(at, [1, 2, 3, 4])),
  );
}

/** Refusals of segments nobody asks for: what stands in a log, whatever it says. */
async function writeGroup(): Promise<void> {
  const { events } = platform.as('ingest');
  const durables: Promise<unknown>[] = [];
  for (let n = 0; n < GROUP; n++, written++) {
    const stream = `segment/${String(1_000 + (written % SEGMENTS)).padStart(5, '0')}`;
    const head = heads.get(stream) ?? (await events.head(stream));
    const batch = { dcId: RELAY, sequence: 1, digest: Buffer.alloc(8) };
    const data = { batch, brokerTime: clock.at, counts: { 'not-authentic': 1 }, hashes: [], raws: [randomBytes(RAW_BYTES)] };
    const appended = events.append(head, { commitId: randomBytes(32), events: [{ type: 'FramesRefused', data }] });
    heads.set(stream, appended.head);
    durables.push(appended.durable);
  }
  await Promise.all(durables);
}

async function boot(stateDir: string): Promise<void> {
  clock.at = START + HOUR;
  service = await Service.boot({ stateDir, clock: { now: () => clock.at }, timer: false });
}

async function firstBatch(body: string): Promise<void> {
  const { events } = service.platform.as('ingest');
  const before = await events.latest(TOWN);
  await service.platform.queues.send('telemetry', body);
  while ((await events.latest(TOWN)).version === before.version) await new Promise((resolve) => setImmediate(resolve));
}

async function handle(request: RestartRequest): Promise<RestartAnswer> {
  switch (request.type) {
    case 'fill':
      return { type: 'filled', body: await fill(request) };
    case 'go-on':
      for (;;) await writeGroup();
    case 'boot':
      await boot(request.stateDir);
      // As the service does: it is killed, and the next process of this code is to find it.
      writeCompiledCode();
      return { type: 'booted' };
    case 'first-batch':
      await firstBatch(request.body);
      return { type: 'recorded', cpuSeconds: cpuSeconds() };
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

answering(handle);
process.on('disconnect', () => process.exit(0));
