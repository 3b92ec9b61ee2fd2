import { hash } from 'node:crypto';
import { junkOf } from '../../domain/enrolment/relay.ts';
import type { JudgedBefore } from '../../domain/telemetry/moves.ts';
import { type DomainEvent, JoulekeepError, type RefusalReason } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type Batch, readBatch } from '../../protocol/batch.ts';
import { frameMeterId } from '../../protocol/frame.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Counters } from '../middleware/counters.ts';
import { KnownMeters, segmentName, segmentOf } from '../shared/devices/known-meters.ts';
import { finishMove } from '../shared/devices/moves.ts';
import { foldRelay, type Relays } from '../shared/devices/relays.ts';
import { EpochVault } from '../shared/keys/epoch-vault.ts';
import { restoreFence } from '../shared/restore-fence.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';
import { Segments, type WarmSegment } from '../shared/segments.ts';
import { sideBySide } from '../shared/side-by-side.ts';
import { WarmStreams } from '../shared/streams.ts';
import { followUp } from './aftermath.ts';
import { framesOfSegment, historyOf } from './batch-history.ts';
import { intoCommits } from './commit-sizes.ts';
import { EpochKeyCache } from './epoch-keys.ts';
import { epochOf, FrameOpening, frameBytes, type Open } from './frame-opening.ts';
import { sortFrames, unknownPlaces } from './frame-sorter.ts';
import type { IngestLimits } from './limits.ts';
import { olderRepeats, tagIn } from './older-repeats.ts';
import { quarantineFlooders } from './quarantine.ts';
import { RefusalGroups } from './refusal-groups.ts';
import { commitIdOf, type Portion, SegmentIngest } from './segment-ingest.ts';
import { readTelemetryMessage, type TelemetryMessage } from './telemetry-message.ts';
import { Throttles } from './throttles.ts';

const ATTEMPTS = 8;
const HASHES = 64;
const KEY_READS_AT_ONCE = 50;
/** In the list of segments that were tried: moves were finished since. */
const FINISHED = 'moves finished';

/** Batches are split without looking into frames; one that can't be split has no frames to count. */
function splitBatch(message: TelemetryMessage): Batch | undefined {
  try {
    return readBatch(message.bytes);
  } catch (error) {
    if (error instanceof ProtocolRefusal) return undefined;
    throw error;
  }
}

interface WorkerOptions {
  readonly platform: Platform;
  readonly counters: Counters;
  readonly defences: Defences;
  readonly limits: IngestLimits;
  readonly open: Open | undefined;
}

type Work = Omit<Portion, 'olderTags'>;

/** Answer of one portion: places of frames that belong elsewhere by now, and where the segment knows their meters to be. */
type Leftover = readonly { readonly frame: number; readonly wentTo: string | undefined }[];

/**
 * Takes batches from the telemetry queue to durable commits. Order inside, cheapest first: size, prefix, known meter,
 * token buckets, crypto, store. Keeps segments, keys and buckets warm from batch to batch.
 */
export class IngestWorker {
  readonly #platform: Platform;
  readonly #known: KnownMeters;
  readonly #segments: Segments;
  readonly #vault: EpochVault;
  readonly #keys: EpochKeyCache;
  readonly #throttles: Throttles;
  readonly #ingest: SegmentIngest;
  readonly #relays: Relays = new WarmStreams(1_000);
  readonly #refusals: RefusalGroups;
  readonly #watched: Parameters<typeof quarantineFlooders>[0];

  constructor({ platform, counters, defences, limits, open }: WorkerOptions) {
    this.#platform = platform;
    this.#known = new KnownMeters(platform.directory);
    this.#segments = new Segments(platform);
    this.#refusals = new RefusalGroups(platform, this.#segments, this.#relays);
    this.#vault = new EpochVault(platform);
    this.#keys = new EpochKeyCache(limits.keyObjects);
    this.#throttles = new Throttles(limits, defences.rateLimits);
    const opening = new FrameOpening(defences, this.#keys, open);
    this.#ingest = new SegmentIngest({ defences, opening, keys: this.#keys, throttles: this.#throttles });
    const [segments, relays, throttles, known] = [this.#segments, this.#relays, this.#throttles, this.#known];
    this.#watched = { platform, counters, segments, relays, throttles, known };
  }

  /** One message. Resolves when everything in it is durable and answered; a second delivery changes nothing. */
  async take(body: string): Promise<void> {
    const message = readTelemetryMessage(body);
    const batch = splitBatch(message);
    if (batch === undefined) return this.#countJunk(message, 0, [{ reason: 'batch-layout', bytes: message.bytes }]);
    const [counted, fence] = await Promise.all([
      this.#countedAsUnknown(message, batch.sequence),
      restoreFence(this.#platform.directory),
      this.#known.refresh(),
    ]);
    this.#keys.fence = fence;
    const sorted = sortFrames(batch, this.#known, counted);
    const { junk, bySegment, meters } = sorted;
    const portions = [...bySegment].map(([segment, frames]) => this.#portion(segmentName(segment), { message, batch, frames, meters }));
    if (junk.length > 0) {
      const refused = junk.map(({ frame, reason }) => ({ reason, bytes: frameBytes(batch, frame) }));
      portions.push(this.#countJunk(message, batch.sequence, refused, unknownPlaces(sorted)));
    }
    await Promise.all(portions);
    await quarantineFlooders(this.#watched, message);
  }

  /**
   * A portion, and what is left of it after a move: a segment says where its former members went; where it knows nothing
   * of a meter, the directory is asked.
   */
  async #portion(segment: string, work: Work, before: readonly string[] = []): Promise<void> {
    const left = await this.#record(segment, work);
    if (left.length === 0) return;
    const tried = [...before, segment];
    const bySegment = new Map<string, number[]>();
    for (const { frame, wentTo } of left) {
      const meterId = frameMeterId(work.batch.bytes, work.batch.offset[frame]!);
      const now = wentTo ?? (await segmentOf(this.#platform.directory, meterId)) ?? segment;
      bySegment.set(now, [...(bySegment.get(now) ?? []), frame]);
    }
    for (const [now, frames] of bySegment) {
      if (!tried.includes(now)) await this.#portion(now, { ...work, frames }, tried);
      else await this.#homeless({ ...work, frames }, tried);
    }
  }

  /** Left one segment and not in the other: a move between its two events, or one that broke off there. */
  async #homeless(work: Work, tried: readonly string[]): Promise<void> {
    if (tried.includes(FINISHED)) throw new JoulekeepError('ERR_METER_MOVING', `in none of ${tried.join(', ')}`, { retryable: true });
    const byMeter = Map.groupBy(work.frames, (frame) => frameMeterId(work.batch.bytes, work.batch.offset[frame]!));
    for (const [meterId, frames] of byMeter) {
      const home = await finishMove(this.#platform, meterId);
      await this.#portion(home, { ...work, frames }, [FINISHED]);
    }
  }

  /** Judges and records one portion, again from the start when another writer was faster. */
  async #record(segment: string, work: Work): Promise<Leftover> {
    for (let attempt = 1; ; attempt++) {
      try {
        const warm = await this.#segments.load(segment);
        const away = await this.#attempt(warm, work);
        // A state that nothing is recorded on never loses a version: only a look tells that a meter has come since.
        if (away.length > 0) await this.#upToDate(warm);
        const wentTo = (frame: number) => warm.state.left.get(frameMeterId(work.batch.bytes, work.batch.offset[frame]!))?.toSegment;
        return away.map((frame) => ({ frame, wentTo: wentTo(frame) }));
      } catch (error) {
        const conflict = error instanceof JoulekeepError && error.code === 'ERR_VERSION_CONFLICT';
        if (!conflict || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** @returns frames of meters that are not (any more) in this segment */
  async #attempt(warm: WarmSegment, work: Work): Promise<readonly number[]> {
    const { message, batch, meters } = work;
    const frames = framesOfSegment(warm.state, batch, work.frames, meters);
    const known = historyOf(warm.state, message, batch, frames);
    for (const judged of known.recorded) await this.#again(warm, message, judged);
    if (known.open.length === known.away.length && known.recorded.length > 0) return known.away;
    await this.#loadKeys({ ...work, frames: known.open });
    const olderTags = await this.#olderTags(warm, batch, known.open);
    await this.#upToDate(warm);
    const { open } = historyOf(warm.state, message, batch, frames);
    // Others work on the same state: the batch was delivered twice at once and the other one was faster, or a meter has come since.
    const come = framesOfSegment(warm.state, batch, frames, meters).length > frames.length;
    if (come || open.length !== known.open.length) return this.#attempt(warm, work);
    const { events, notMine } = this.#judged(warm, { message, batch, frames: open, meters, olderTags });
    if (events.length === 0) return notMine;
    const [refused] = intoCommits(events, message.bytes.length)[0]!;
    const whole = notMine.length === 0 && open.length === frames.length;
    if (whole && events.length === 1 && refused?.type === 'FramesRefused') {
      await this.#refusals.record(warm, { ...work, frames, olderTags }, refused);
      await this.#segments.checkpointIfDue(warm);
      return notMine;
    }
    await Promise.all(this.#commits(warm, message, batch.sequence, events));
    await followUp(this.#platform, events);
    await this.#segments.checkpointIfDue(warm);
    return notMine;
  }

  /** @throws ERR_VERSION_CONFLICT when others have recorded something since */
  async #upToDate(warm: WarmSegment): Promise<void> {
    if (await this.#segments.ready(warm)) return;
    throw new JoulekeepError('ERR_VERSION_CONFLICT', `segment ${warm.id} has moved on`, { retryable: true });
  }

  /** A fault in the middle of judging leaves a half-moved state behind, which must not be built upon. */
  #judged(warm: WarmSegment, portion: Portion): ReturnType<SegmentIngest['judge']> {
    try {
      return this.#ingest.judge(warm, portion);
    } catch (error) {
      this.#segments.forget(warm);
      throw error;
    }
  }

  /** Frames and answers in one commit, or in several of the same append sequence where they would not fit. */
  #commits(warm: WarmSegment, message: TelemetryMessage, sequence: number, events: DomainEvent[]): Promise<unknown>[] {
    return intoCommits(events, message.bytes.length).map((commit, part) =>
      this.#segments.record(warm, commitIdOf(message, sequence, warm.id, part), commit, 'frames'),
    );
  }

  /** Frames that were judged before: their recorded answers go out once more, unchanged, and nothing is counted. */
  async #again(warm: WarmSegment, message: TelemetryMessage, { segment = warm.id, version }: JudgedBefore): Promise<void> {
    if (segment === warm.id) await warm.settled;
    // Answers that retention has deleted go out no more: the meter sends again, and its slots say that they are known.
    if (version < (await keptFrom(this.#platform.events, `segment/${segment}`))) return;
    for await (const commit of this.#platform.events.read(`segment/${segment}`, version)) {
      const own =
        commit.version === version ||
        commit.events.every((event) => event.type === 'DownlinksIssued' && event.data.at === message.brokerTime);
      if (!own) return;
      await followUp(this.#platform, commit.events);
    }
  }

  /** Loads the epochs of meters not heard before; asks again for a new epoch only within the concentrator's share. */
  async #loadKeys({ message, batch, frames, meters }: Work): Promise<void> {
    const now = message.brokerTime;
    const isKnown = (i: number) => this.#keys.find(meters[i]!, epochOf(batch, i), now) !== undefined;
    const unknown = frames.filter((i) => !isKnown(i));
    if (unknown.length === 0) return;
    const loadMeter = async ([meter, ofMeter]: readonly [number, readonly number[]]) => {
      for (const i of ofMeter) {
        const epoch = epochOf(batch, i);
        if (isKnown(i) || this.#keys.lookedUpLately(meter, epoch, now)) continue;
        if (!this.#throttles.keyLookup(message.dcId, !this.#keys.knows(meter), now)) continue;
        const secrets = await this.#vault.secrets(frameMeterId(batch.bytes, batch.offset[i]!));
        this.#keys.load(meter, secrets, now);
        if (!isKnown(i)) this.#keys.noteAbsent(meter, epoch, now);
      }
    };
    // A cold start meets hundreds of meters at once: one after the other each would wait for its reading of the key table.
    await sideBySide([...Map.groupBy(unknown, (i) => meters[i]!)], loadMeter, KEY_READS_AT_ONCE);
  }

  /** Reads back the commits that hold frames of older counters seen again. Rare: only a replay of old frames costs it. */
  async #olderTags(warm: WarmSegment, batch: Batch, frames: readonly number[]): Promise<Map<number, number>> {
    const tags = new Map<number, number>();
    const repeats = olderRepeats(warm, batch, frames);
    const kept = repeats.length === 0 ? 0 : await keptFrom(this.#platform.events, `segment/${warm.id}`);
    for (const repeat of repeats) {
      const window = warm.state.windows.find(repeat.member, repeat.epoch);
      const { first, last } = warm.state.windows.commitsOf(window, repeat.counter);
      if (first > last || last < kept) continue;
      for await (const commit of this.#platform.events.read(`segment/${warm.id}`, Math.max(first, kept))) {
        if (commit.version > last) break;
        const tag = tagIn(commit.events, repeat);
        if (tag !== undefined) tags.set(repeat.frame, tag);
      }
    }
    return tags;
  }

  /** Whoever was enrolled since an earlier delivery: what that one has counted stays counted. */
  async #countedAsUnknown(message: TelemetryMessage, sequence: number): Promise<Uint8Array | undefined> {
    const { state } = await foldRelay(this.#platform, message.dcId, this.#relays);
    return junkOf(state, { sequence, digest: message.digest.subarray(0, 8) })?.unknown;
  }

  async #countJunk(
    message: TelemetryMessage,
    sequence: number,
    refused: readonly { reason: RefusalReason; bytes: Buffer }[],
    places: { readonly unknown?: Uint8Array } = {},
  ): Promise<void> {
    const counts: Partial<Record<RefusalReason, number>> = {};
    for (const { reason } of refused) counts[reason] = (counts[reason] ?? 0) + 1;
    const raws = refused.filter(({ bytes }) => bytes.length <= 512 && this.#throttles.keepRaw(message.dcId, message.brokerTime));
    this.#throttles.junk(message.dcId, refused.length, message.brokerTime);
    const command = {
      type: 'CountJunk' as const,
      batch: { dcId: message.dcId, sequence, digest: message.digest.subarray(0, 8) },
      brokerTime: message.brokerTime,
      counts,
      hashes: refused.slice(0, HASHES).map(({ bytes }) => hash('sha256', bytes, 'buffer')),
      raws: raws.map(({ bytes }) => Buffer.from(bytes)),
      ...places,
    };
    await this.#refusals.countJunk(command);
  }
}
