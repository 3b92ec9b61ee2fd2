import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LARGE_PAGES } from '../bin/terminal/large-pages.ts';
import type { FromBenchFleet, ToBenchFleet } from '../devices/fleet/bench-protocol.ts';
import { TallyFold } from '../domain/telemetry/tally.ts';
import { INGEST_LIMITS } from '../lambdas/ingest/limits.ts';
import { openAudit } from '../platform/embedded/audit.ts';
import { Helper } from './ipc.ts';
import { atLeast, atMost, type Result } from './measure.ts';
import { HOUR, READINGS, START } from './sealed-load.ts';
import type { ServiceAnswer, ServiceRequest } from './service-process.ts';
import type { EnrolledTown, TownRequest } from './town-process.ts';

const MB = 1_000_000;

/** How the service is run where memory is short: young objects, and what they hold, go sooner, and so do freed pages. */
const SMALL_MEMORY = {
  keyObjects: 4_096,
  execArgv: ['--max-semi-space-size=1', '--max-old-space-size=88'],
  env: { GLIBC_TUNABLES: '', MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '131072' },
};
/** As `npm start` runs it: what is in flight stays young, however many meters there are. */
const FAST = { keyObjects: INGEST_LIMITS.keyObjects, execArgv: ['--max-semi-space-size=64'], env: LARGE_PAGES };
/** 180 times the pace of 100,000 meters that send once an hour. */
const PACED = 5_000;
const PACED_HOURS = 3;

type FleetHelper = Helper<ToBenchFleet, FromBenchFleet>;
type ServiceHelper = Helper<ServiceRequest, ServiceAnswer>;

/**
 * The whole service: fleet, MQTT over mutual TLS, queue, ingest, store, on what cores there are; the fleet is a process of
 * its own. First at a steady pace, for its memory; then, booted again and warmed up by one hour of frames, as fast as it
 * takes them.
 */
export async function wholeService(meters: number, hours: number): Promise<Result[]> {
  const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-bench-'));
  const fleet: FleetHelper = new Helper('../devices/fleet/bench-fleet.ts');
  try {
    const town = await enrolTown(stateDir, meters);
    const now = START + (PACED_HOURS + hours + 2) * HOUR;
    const paced = { fleet, town, stateDir, now, settings: SMALL_MEMORY, spans: [{ first: 0, hours: PACED_HOURS, framesPerSecond: PACED }] };
    const { peakRss } = await serve(paced);
    const warmUp = { first: PACED_HOURS, hours: 1 };
    const fast = {
      fleet,
      town,
      stateDir,
      now,
      settings: FAST,
      spans: [warmUp, { first: PACED_HOURS + 1, hours }],
    };
    const { seconds, cpuSeconds } = await serve(fast);
    await check(stateDir, meters * (PACED_HOURS + 1 + hours));
    const readings = meters * hours * READINGS;
    const label = `${meters.toLocaleString('en')} meters`;
    return [
      atLeast(`whole service, ${label}`, readings / seconds, 'readings/s', 100_000),
      { name: `whole service, ${label}, CPU of the service`, value: (cpuSeconds / readings) * 1e6, unit: 'us/reading' },
      atMost(`resident memory of the service, ${label}, peak`, peakRss / MB, 'MB', 400),
    ];
  } finally {
    await fleet.end();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function enrolTown(stateDir: string, meters: number): Promise<EnrolledTown> {
  const helper = new Helper<TownRequest, EnrolledTown>('./town-process.ts');
  try {
    return await helper.ask({ type: 'enrol', stateDir, meters }, 'enrolled');
  } finally {
    await helper.end();
  }
}

interface Serving {
  readonly fleet: FleetHelper;
  readonly town: EnrolledTown;
  readonly stateDir: string;
  readonly now: number;
  readonly settings: {
    readonly keyObjects: number;
    readonly execArgv?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
  /** Hours to send, one span after the other; the last one is measured. */
  readonly spans: readonly { readonly first: number; readonly hours: number; readonly framesPerSecond?: number }[];
}

/** Boots the service in a process of its own and sends it the spans. */
async function serve({
  fleet,
  town,
  stateDir,
  now,
  settings,
  spans,
}: Serving): Promise<{ seconds: number; peakRss: number; cpuSeconds: number }> {
  const service: ServiceHelper = new Helper('./service-process.ts', settings);
  try {
    const { url, ca } = await service.ask({ type: 'boot', stateDir, now, keyObjects: settings.keyObjects }, 'booted');
    let seconds = 0;
    let cpuSeconds = 0;
    for (const span of spans) {
      const before = await service.ask({ type: 'weigh' }, 'weighed');
      seconds = await send(fleet, service, town, { url, ca, ...span });
      cpuSeconds = (await service.ask({ type: 'weigh' }, 'weighed')).cpuSeconds - before.cpuSeconds;
    }
    const { peakRss } = await service.ask({ type: 'weigh' }, 'weighed');
    return { seconds, peakRss, cpuSeconds };
  } finally {
    await service.end();
  }
}

/** @returns seconds from the first publish to the last durable commit */
async function send(
  fleet: FleetHelper,
  service: ServiceHelper,
  { meterIds, secrets, concentrators }: EnrolledTown,
  { url, ca, first, hours, ...pace }: { url: string; ca: string; first: number; hours: number; framesPerSecond?: number },
): Promise<number> {
  const at = {
    firstEnd: START + first * HOUR + HOUR / 4,
    firstCounter: first + 1,
    firstSequence: first * 1_000 + 1,
    framesPerMeter: hours,
  };
  const town = { meterIds, secrets, concentrators, epoch: 1, intervalMinutes: 15 as const, brokerUrl: url, brokerCa: ca };
  await fleet.ask({ type: 'load', ...town, ...at, ...pace, receivedAt: START }, 'sealed');
  const started = performance.now();
  await fleet.ask({ type: 'go' }, 'done');
  await service.ask({ type: 'recorded' }, 'recorded');
  return (performance.now() - started) / 1000;
}

/** A number counts only when every frame was accepted. */
async function check(stateDir: string, frames: number): Promise<void> {
  const audit = openAudit(stateDir);
  const tally = new TallyFold();
  for await (const stream of audit.events.streams('segment/')) {
    for await (const commit of audit.events.read(stream)) for (const event of commit.events) tally.add(event);
  }
  audit.close();
  const { accepted, quarantined } = tally.result();
  if (accepted !== frames || quarantined > 0)
    throw new Error(`benchmark: ${accepted} of ${frames} frames accepted, ${quarantined} quarantined`);
}
