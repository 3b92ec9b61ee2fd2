import { meter } from '../../domain/enrolment/meter.ts';
import type { MeterCommand } from '../../domain/enrolment/meter-command.ts';
import type { KnownMeter, MeterState } from '../../domain/enrolment/meter-state.ts';
import type { SegmentCommand } from '../../domain/telemetry/membership.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { meterThing } from '../../topology/device-access.ts';
import { announce } from '../shared/devices/known-meters.ts';
import { Segments } from '../shared/segments.ts';
import { foldStream, runDecider, WarmStreams } from '../shared/streams.ts';
import { registerDevices, type StockedIdentity } from './register-device.ts';
import { SegmentPlaces } from './segment-places.ts';
import { type StockEntry, stockFault } from './stock.ts';

export interface EnrolOptions {
  /** Certificate of the meters' sub-CA, DER: entries it has not signed are refused. */
  readonly issuer?: Buffer;
  /** False for meters that stay in stock; their HELLO is refused until they are activated. True unless told otherwise. */
  readonly activate?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the run between two chunks; what is enrolled stays, and the same run later does the rest. */
  readonly signal?: AbortSignal;
}

export interface EnrolReport {
  readonly enrolled: number;
  /** Were there before; repaired where a step was missing. */
  readonly already: number;
  readonly refused: readonly { readonly meterId: string; readonly reason: string }[];
}

/** Meters enrolled side by side: their commits share the store's group commits. */
const CHUNK = 256;

interface Enrolment {
  readonly platform: Platform;
  readonly segments: Segments;
  readonly places: SegmentPlaces;
  readonly options: EnrolOptions;
}

interface Placed {
  readonly entry: StockEntry;
  readonly state: KnownMeter;
  readonly segment: string;
}

/**
 * Enrols a stock list: the meter's stream first, which is the truth; then its place in the segment, the routes, the
 * registry. Every step can be repeated, so a run that broke off is simply run again.
 * @throws ERR_SEGMENT_FULL when two enrolments ran at once; the signal's reason when it was told to end
 */
export async function enrolMeters(platform: Platform, stock: readonly StockEntry[], options: EnrolOptions = {}): Promise<EnrolReport> {
  const at = platform.clock.now();
  const judged = stock.map((entry) => ({ entry, reason: stockFault(entry, at, options.issuer) }));
  const refused = judged.flatMap(({ entry, reason }) => (reason === undefined ? [] : [{ meterId: entry.meterId, reason }]));
  const byHome = (a: StockEntry, b: StockEntry) => (a.relays[0]! < b.relays[0]! ? -1 : Number(a.relays[0]! > b.relays[0]!));
  const accepted = [...new Map(judged.filter(({ reason }) => reason === undefined).map(({ entry }) => [entry.meterId, entry])).values()];
  const sorted = accepted.sort(byHome);
  const enrolment = { platform, segments: new Segments(platform), places: await SegmentPlaces.open(platform), options };
  let enrolled = 0;
  for (let start = 0; start < sorted.length; start += CHUNK) {
    options.signal?.throwIfAborted();
    const chunk = sorted.slice(start, start + CHUNK);
    enrolled += await enrolChunk(enrolment, chunk, at);
    options.onProgress?.(start + chunk.length, sorted.length);
  }
  return { enrolled, already: sorted.length - enrolled, refused };
}

async function enrolChunk(enrolment: Enrolment, chunk: readonly StockEntry[], at: number): Promise<number> {
  const { platform } = enrolment;
  const warm = new WarmStreams<MeterState>(CHUNK);
  const before = await Promise.all(chunk.map(({ meterId }) => foldStream(platform.events, `meter/${meterId}`, meter, warm)));
  const known = before.map(({ state }) => (state.status === 'unknown' ? undefined : state.segment));
  const places = await placesFor(enrolment.places, chunk, known);
  const placed = await Promise.all(chunk.map((entry, i) => record(enrolment, warm, entry, places[i]!, at)));
  await join(enrolment.segments, placed, at);
  await announce(
    platform.directory,
    placed.map(({ entry, segment }) => ({ meterId: entry.meterId, segment })),
  );
  await registerDevices(platform, placed.flatMap(identityOf));
  return known.filter((segment) => segment === undefined).length;
}

/** With the certificate on record, whatever the list says of a meter that was there before; a retired meter has none. */
function identityOf({ entry, state }: Placed): readonly StockedIdentity[] {
  if (state.status === 'retired') return [];
  return [{ thing: meterThing(entry.meterId), role: 'meter', certificate: Buffer.from(state.identity.certificate) }];
}

async function placesFor(places: SegmentPlaces, chunk: readonly StockEntry[], known: readonly (string | undefined)[]): Promise<string[]> {
  const missing = chunk.flatMap((entry, i) => (known[i] === undefined ? [entry.relays[0]!] : []));
  const taken = (missing.length > 0 ? await places.take(missing) : []).values();
  return known.map((segment) => segment ?? taken.next().value!);
}

async function record(
  enrolment: Enrolment,
  warm: WarmStreams<MeterState>,
  entry: StockEntry,
  segment: string,
  at: number,
): Promise<Placed> {
  const { meterId, certificate, asset } = entry;
  const known = warm.get(`meter/${meterId}`)?.state;
  const relays = known === undefined || known.status === 'unknown' ? entry.relays : [];
  const commands: MeterCommand[] = [
    { type: 'EnrolMeter', meterId, certificate, asset, at },
    { type: 'AssignSegment', segment },
    ...relays.map((dcId) => ({ type: 'AssignRelay' as const, dcId, from: at })),
  ];
  if (enrolment.options.activate !== false) commands.push({ type: 'ActivateMeter', at });
  const { state } = await runDecider(enrolment.platform.events, `meter/${meterId}`, meter, commands, warm);
  return { entry, state: state as KnownMeter, segment };
}

/** One commit for up to 40 joins of a segment. A meter that has retired since takes no place again. */
async function join(segments: Segments, placed: readonly Placed[], at: number): Promise<void> {
  const bySegment = new Map<string, SegmentCommand[]>();
  for (const { entry, state, segment } of placed) {
    if (state.status === 'retired') continue;
    const commands = bySegment.get(segment) ?? [];
    bySegment.set(segment, commands);
    commands.push({ type: 'JoinMeter', meterId: entry.meterId, asset: state.asset, relays: state.relays, at });
  }
  await Promise.all([...bySegment].map(([segment, commands]) => segments.executeMany(segment, commands)));
}
