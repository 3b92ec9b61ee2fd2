import { type KeyObject, randomBytes } from 'node:crypto';
import { ColumnBuilder } from '../domain/telemetry/column-builder.ts';
import type { AssetRecord, DomainEvent } from '../events/index.ts';
import { closeSegment } from '../lambdas/close-day/close-segment.ts';
import { Closer } from '../lambdas/close-day/closer.ts';
import { addTally, type Tally, zeroTally } from '../lambdas/close-day/tally.ts';
import { localDay, plusDays, provisionalAt } from '../lambdas/shared/days/local-days.ts';
import { type MeterPoint, pointKey } from '../lambdas/shared/days/points.ts';
import type { Embedded } from '../platform/embedded/platform.ts';
import { deviceKey, MemoryCa } from '../test/support/memory-ca.ts';
import { ProfileMeter } from '../test/support/profile-meter.ts';
import { HOME } from '../test/support/sealed-town.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { onPlatform } from './durable-ingest.ts';
import { atLeast, type Result } from './measure.ts';

const SEGMENT_SIZE = 512;
const FRAMES = 430;
const DAY = '2026-01-15';
const ZONE = HOME.zone;
/** Key pairs that the meters share in turn: making a certificate takes longer than closing ten days. */
const IDENTITIES = 32;

/**
 * Closing days of quarter-hours, durably, each under its own subject's key, on one thread: everything a day is, from the segment's
 * commits to the flushed commit of the meter day. The second day is measured.
 */
export async function closeDay(segments: number): Promise<Result[]> {
  const plain = await closingRate(segments, false);
  const verified = await closingRate(segments, true);
  return [
    atLeast('closing meter days, one thread', plain.perMinute, 'days/min', 300_000),
    { name: 'closing a meter day, processor time', value: plain.microseconds, unit: 'us/day' },
    atLeast('closing meter days with seal and chain verified, one thread', verified.perMinute, 'days/min', 150_000),
    { name: 'closing a meter day with seal and chain verified, processor time', value: verified.microseconds, unit: 'us/day' },
  ];
}

interface Rate {
  readonly perMinute: number;
  /** Processor time of the thread per day. */
  readonly microseconds: number;
}

async function closingRate(segments: number, verify: boolean): Promise<Rate> {
  return onPlatform(async (platform, clock) => {
    const first = localDay(DAY, ZONE);
    clock.at = first.start * 1000;
    const identities = await makeIdentities();
    const town: ProfileMeter[][] = [];
    for (let n = 0; n < segments; n++) town.push(await enrolSegment(platform, n, identities, clock.at));
    const closer = new Closer(platform.as('close-day'), { ...ALL_DEFENCES, profileSeal: verify });
    const days = segments * SEGMENT_SIZE;
    let rate: Rate = { perMinute: 0, microseconds: 0 };
    for (const day of [DAY, plusDays(DAY, 1)]) {
      for (const [n, meters] of town.entries()) await playDay(platform, clock, n, meters, day);
      clock.at = provisionalAt(day, ZONE);
      const before = process.threadCpuUsage();
      const started = performance.now();
      const tally = await closeAll(platform, closer, segments);
      const minutes = (performance.now() - started) / 60_000;
      const { user, system } = process.threadCpuUsage(before);
      rate = { perMinute: days / minutes, microseconds: (user + system) / days };
      check(tally, days, verify);
    }
    return rate;
  });
}

async function closeAll(platform: Embedded, closer: Closer, segments: number): Promise<Tally> {
  const total = zeroTally();
  for (let n = 0; n < segments; n++) {
    addTally(total, await closeSegment(platform.as('close-day'), segmentName(n), closer));
  }
  return total;
}

/** A number counts only when every day was closed, and final where its seal was verified. */
function check({ commits, finalized, held }: Tally, days: number, verify: boolean): void {
  const whole = commits === days && held === 0 && finalized === days;
  if (!whole) throw new Error(`benchmark: ${commits} of ${days} days recorded, ${finalized} final, ${held} held, verified: ${verify}`);
}

interface Identity {
  readonly privateKey: KeyObject;
  readonly certificate: Buffer;
}

async function makeIdentities(): Promise<Identity[]> {
  const ca = new MemoryCa();
  return Promise.all(
    Array.from({ length: IDENTITIES }, async () => {
      const { privateKey, csr } = await deviceKey('m-bench');
      return { privateKey, certificate: await ca.issue('meter', csr, { commonName: 'm-bench', notBefore: 0, notAfter: 4e12 }) };
    }),
  );
}

const segmentName = (n: number): string => String(n).padStart(5, '0');
const meterName = (n: number, i: number): string => (0x0a0b_0c00_0000_0000n + BigInt(n * SEGMENT_SIZE + i)).toString(16).padStart(16, '0');

async function enrolSegment(platform: Embedded, n: number, identities: readonly Identity[], at: number): Promise<ProfileMeter[]> {
  const meters: ProfileMeter[] = [];
  const joined: DomainEvent[] = [];
  const streams: Promise<unknown>[] = [];
  const points: { key: string; value: Buffer }[] = [];
  for (let i = 0; i < SEGMENT_SIZE; i++) {
    const meterId = meterName(n, i);
    const { privateKey, certificate } = identities[i % IDENTITIES]!;
    joined.push({ type: 'MeterJoined', data: { meterId, member: i, asset: HOME, relays: [], at } });
    streams.push(append(platform, `meter/${meterId}`, [{ type: 'MeterEnrolled', data: { meterId, certificate, asset: HOME, at } }]));
    points.push({ key: pointKey(meterId), value: Buffer.from(JSON.stringify([pointFor(HOME, `${n}-${i}`)])) });
    meters.push(new ProfileMeter({ meterId, asset: HOME, privateKey, firstDay: DAY, days: 3 }));
  }
  for (let from = 0; from < joined.length; from += 100) await append(platform, `segment/${segmentName(n)}`, joined.slice(from, from + 100));
  await Promise.all(streams);
  await platform.as('enrol').directory.put(points);
  return meters;
}

function pointFor(asset: AssetRecord, name: string): MeterPoint {
  return {
    usagePoint: `up-${name}`,
    zone: ZONE,
    areaLeaf: 'area-1',
    meterClass: 'residential',
    tariffs: [],
    installed: [{ from: 0, asset }],
    multipliers: [],
    tenancy: [{ subject: `acc-${name}`, from: 0 }],
  };
}

/** A day of a segment as ingest leaves it: each hour every meter's frame of four quarter-hours, then the seals. */
async function playDay(platform: Embedded, clock: { at: number }, n: number, meters: readonly ProfileMeter[], day: string): Promise<void> {
  const { start, end } = localDay(day, ZONE);
  for (let hour = start + 3600; hour <= end; hour += 3600) {
    clock.at = hour * 1000 + 60_000;
    const frames = meters.map((meter, i) => {
      for (let at = hour - 2700; at <= hour; at += 900) meter.measure(at, 60 + ((i * 31 + (at / 900) * 17) % 240));
      return meter.frames(hour)[0]!;
    });
    await say(platform, n, meters, frames, clock.at);
  }
  const seals = await Promise.all(meters.map(async (meter) => (await meter.seals())[0]!));
  for (let from = 0; from < seals.length; from += 100) await say(platform, n, meters, seals.slice(from, from + 100), clock.at, from);
}

async function say(
  platform: Embedded,
  n: number,
  meters: readonly ProfileMeter[],
  frames: readonly Buffer[],
  at: number,
  first = 0,
): Promise<void> {
  for (let from = 0; from < frames.length; from += FRAMES) {
    const builder = new ColumnBuilder(FRAMES, 65_536);
    for (const [i, plaintext] of frames.slice(from, from + FRAMES).entries()) {
      const member = first + from + i;
      const wire = Buffer.alloc(64);
      wire.write(meters[member]!.options.meterId, 0, 'hex');
      builder.add({
        wire,
        kid: 0,
        iv: 11,
        tag: 20,
        plaintext,
        sizeClass: plaintext.length === 32 ? 0 : 2,
        member,
        annotations: 0,
        receivedAt: at,
      });
    }
    const batch = { dcId: 'bench', sequence: 1, digest: Buffer.alloc(8) };
    const data = { batch, brokerTime: at, frames: builder.take(), duplicates: 0, slotsRepeated: 0 };
    await append(platform, `segment/${segmentName(n)}`, [{ type: 'FramesAccepted', data }]);
  }
}

async function append(platform: Embedded, stream: string, events: readonly DomainEvent[]): Promise<void> {
  const store = platform.as('enrol').events;
  await store.append(await store.head(stream), { commitId: randomBytes(32), events }).durable;
}
