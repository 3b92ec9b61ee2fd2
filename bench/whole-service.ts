import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FromBenchFleet, ToBenchFleet } from '../devices/fleet/bench-protocol.ts';
import { TallyFold } from '../domain/telemetry/tally.ts';
import { openAudit } from '../platform/embedded/audit.ts';
import { Helper } from './ipc.ts';
import { atLeast, atMost, type Result } from './measure.ts';
import { HOUR, READINGS, START } from './sealed-load.ts';
import type { ServiceAnswer, ServiceRequest } from './service-process.ts';
import type { EnrolledTown, TownRequest } from './town-process.ts';

const MIB = 1024 * 1024;

/**
 * The whole service: fleet, MQTT over mutual TLS, queue, ingest, store, on what cores there are; the fleet is a process of
 * its own. One round warms up (keys loaded, epochs activated, first answers), then `hours` are measured as one.
 */
export async function wholeService(meters: number, hours: number): Promise<Result[]> {
  const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-bench-'));
  const town = new Helper<TownRequest, EnrolledTown>('./town-process.ts');
  const service = new Helper<ServiceRequest, ServiceAnswer>('./service-process.ts');
  const fleet = new Helper<ToBenchFleet, FromBenchFleet>('../devices/fleet/bench-fleet.ts');
  try {
    const enrolled = await town.ask({ type: 'enrol', stateDir, meters }, 'enrolled');
    await town.end();
    const { url, ca } = await service.ask({ type: 'boot', stateDir, now: START + (hours + 2) * HOUR }, 'booted');
    await send(fleet, service, enrolled, { url, ca, first: 0, hours: 1 });
    const before = await service.ask({ type: 'weigh' }, 'weighed');
    const seconds = await send(fleet, service, enrolled, { url, ca, first: 1, hours });
    const after = await service.ask({ type: 'weigh' }, 'weighed');
    await service.end();
    await check(stateDir, meters * (hours + 1));
    const readings = meters * hours * READINGS;
    const label = meters.toLocaleString('en');
    return [
      atLeast(`whole service, ${label} meters`, readings / seconds, 'readings/s', 100_000),
      {
        name: `whole service, ${label} meters, CPU of the service`,
        value: ((after.cpuSeconds - before.cpuSeconds) / readings) * 1e6,
        unit: 'us/reading',
      },
      atMost(`resident memory of the service, ${label} meters`, after.peakRss / MIB, 'MiB', 400),
    ];
  } finally {
    await Promise.all([town.end(), service.end(), fleet.end()]);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** @returns seconds from the first publish to the last durable commit */
async function send(
  fleet: Helper<ToBenchFleet, FromBenchFleet>,
  service: Helper<ServiceRequest, ServiceAnswer>,
  { meterIds, secrets, concentrators }: EnrolledTown,
  { url, ca, first, hours }: { url: string; ca: string; first: number; hours: number },
): Promise<number> {
  const at = {
    firstEnd: START + first * HOUR + HOUR / 4,
    firstCounter: first + 1,
    firstSequence: first * 1_000 + 1,
    framesPerMeter: hours,
  };
  const town = { meterIds, secrets, concentrators, epoch: 1, intervalMinutes: 15 as const, brokerUrl: url, brokerCa: ca };
  await fleet.ask({ type: 'load', ...town, ...at, receivedAt: START }, 'sealed');
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
