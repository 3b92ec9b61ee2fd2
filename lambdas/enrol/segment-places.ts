import { meter } from '../../domain/enrolment/meter.ts';
import { SEGMENT_SIZE } from '../../domain/telemetry/membership.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { segmentName } from '../shared/devices/known-meters.ts';
import { foldStream } from '../shared/streams.ts';

const KEY = 'segment-places';

interface Places {
  /** Number of the next segment that nobody is in. */
  next: number;
  /** Places left in segments that are not full, by segment name. */
  free: Record<string, number>;
  /** Segment that took a concentrator's meters last. */
  home: Record<string, string>;
}

/**
 * Gives meters their segment, at most 512 to each. Meters of one concentrator share a segment as far as they fit, so
 * that its batches touch few segments. What is given is on record before it is used: a crash wastes places and never
 * gives one twice. One enrolment runs at a time.
 */
export class SegmentPlaces {
  readonly #platform: Platform;
  readonly #places: Places;

  constructor(platform: Platform, places: Places) {
    this.#platform = platform;
    this.#places = places;
  }

  /** Reads the record; when it is lost, counts in the meters' streams. */
  static async open(platform: Platform): Promise<SegmentPlaces> {
    const record = await platform.directory.get(KEY);
    const places = record === undefined ? await countedFromStreams(platform) : (JSON.parse(record.toString()) as Places);
    return new SegmentPlaces(platform, places);
  }

  /** @param homes concentrator of each meter, in the order of the result @returns segment of each */
  async take(homes: readonly string[]): Promise<string[]> {
    const result = new Array<string>(homes.length);
    for (const [dcId, indexes] of groupedByHome(homes)) {
      let left = indexes.length;
      while (left > 0) {
        const segment = this.#segmentFor(dcId, left);
        const count = Math.min(left, this.#places.free[segment]!);
        for (const index of indexes.slice(indexes.length - left, indexes.length - left + count)) result[index] = segment;
        this.#use(dcId, segment, count);
        left -= count;
      }
    }
    await this.#platform.directory.put([{ key: KEY, value: Buffer.from(JSON.stringify(this.#places)) }]);
    return result;
  }

  /** Takes one place of a segment, for a meter that moves there. @returns false when there is none */
  async takeIn(segment: string): Promise<boolean> {
    const { free, next } = this.#places;
    if (Number(segment) >= next) {
      for (let number = next; number <= Number(segment); number++) free[segmentName(number)] = SEGMENT_SIZE;
      this.#places.next = Number(segment) + 1;
    }
    const left = (free[segment] ?? 0) - 1;
    if (left < 0) return false;
    if (left > 0) free[segment] = left;
    else delete free[segment];
    await this.#platform.directory.put([{ key: KEY, value: Buffer.from(JSON.stringify(this.#places)) }]);
    return true;
  }

  /** The concentrator's own segment, else the open one that fits best, else a new one: a split wastes less than a half. */
  #segmentFor(dcId: string, count: number): string {
    const { free, home } = this.#places;
    const own = home[dcId];
    if (own !== undefined && free[own] !== undefined) return own;
    const open = Object.entries(free).sort((a, b) => a[1] - b[1]);
    const fitting =
      open.find(([, places]) => places >= Math.min(count, SEGMENT_SIZE)) ?? open.find(([, places]) => places > SEGMENT_SIZE / 4);
    if (fitting !== undefined) return fitting[0];
    const segment = segmentName(this.#places.next++);
    free[segment] = SEGMENT_SIZE;
    return segment;
  }

  #use(dcId: string, segment: string, count: number): void {
    const { free, home } = this.#places;
    const left = free[segment]! - count;
    if (left > 0) free[segment] = left;
    else delete free[segment];
    home[dcId] = segment;
  }
}

function groupedByHome(homes: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, dcId] of homes.entries()) {
    const group = groups.get(dcId);
    if (group === undefined) groups.set(dcId, [index]);
    else group.push(index);
  }
  return groups;
}

async function countedFromStreams(platform: Platform): Promise<Places> {
  const used = new Map<number, number>();
  const home: Record<string, string> = {};
  for await (const stream of platform.events.streams('meter/')) {
    const { state } = await foldStream(platform.events, stream, meter);
    if (state.status === 'unknown' || state.segment === undefined) continue;
    used.set(Number(state.segment), (used.get(Number(state.segment)) ?? 0) + 1);
    const dcId = state.relays[0]?.dcId;
    if (dcId !== undefined) home[dcId] = state.segment;
  }
  const free = [...used].filter(([, count]) => count < SEGMENT_SIZE).map(([number, count]) => [segmentName(number), SEGMENT_SIZE - count]);
  return { next: Math.max(-1, ...used.keys()) + 1, free: Object.fromEntries(free), home };
}
