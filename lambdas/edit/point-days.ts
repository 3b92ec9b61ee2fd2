import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { multiplierAt } from '../../domain/usagepoint/queries.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { NO_COUNTS } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import type { DayPlace, RecordedChannel, RecordedDay } from '../billing/sources.ts';
import { dayOfStream, foldDay } from '../shared/days/day-streams.ts';

/** Days of meters as they would stand if a usage point were another: slots of what is recorded, cut and valued anew. */
export class PointDays {
  readonly #platform: Platform;
  readonly #access: SubjectAccess;
  readonly #names: ReadonlyMap<string, readonly string[]>;
  readonly #read = new Map<string, readonly OpenDay[]>();

  /** @param streams every stream of the meters' days that may be asked for; the access covers them */
  constructor(platform: Platform, access: SubjectAccess, streams: readonly string[]) {
    this.#platform = platform;
    this.#access = access;
    this.#names = Map.groupBy(streams, (stream) => stream.slice(0, stream.lastIndexOf('/') + 11));
  }

  /** @returns undefined where nothing of the place is recorded */
  async at(point: OpenUsagePoint, place: DayPlace): Promise<RecordedDay | undefined> {
    const parts = (await this.#partsOf(place.stream)).filter(({ frame }) => frame.start < place.end && place.start < frame.end);
    if (parts.length === 0) return undefined;
    const { meterId } = dayOfStream(place.stream);
    return {
      final: parts.every(({ final }) => final),
      held: parts.some(({ outcome }) => outcome?.held ?? false),
      revision: Math.max(1, ...parts.map(({ revision }) => revision)),
      channels: place.channels.map((asset, number) => {
        const multiplier = multiplierAt(point, meterId, number, place.start * 1000) ?? asset.multiplier;
        return { asset, perCount: asset.scale * multiplier, ...slotsOf(parts, number, place) };
      }),
    };
  }

  async #partsOf(stream: string): Promise<readonly OpenDay[]> {
    const day = stream.slice(0, stream.lastIndexOf('/') + 11);
    const known = this.#read.get(day);
    if (known !== undefined) return known;
    const parts: OpenDay[] = [];
    for (const name of this.#names.get(day) ?? []) {
      const state = await foldDay(this.#platform, name, this.#access);
      if (state.status === 'open') parts.push(state);
    }
    this.#read.set(day, parts);
    return parts;
  }
}

const view = emptyView();

function slotsOf(
  parts: readonly OpenDay[],
  number: number,
  { start, end, minutes }: DayPlace,
): Pick<RecordedChannel, 'counts' | 'sources'> {
  const step = minutes * 60;
  const counts = new Uint32Array((end - start) / step).fill(NO_COUNTS);
  const sources = new Uint8Array(counts.length);
  for (const { frame, slots, channels } of parts) {
    const channel = channels[number];
    if (channel === undefined) continue;
    const shift = (frame.start - start) / step;
    for (let slot = Math.max(0, -shift); slot < Math.min(slots, counts.length - shift); slot++) {
      viewSlot(channel, slot, true, view);
      counts[shift + slot] = view.counts;
      sources[shift + slot] = view.source;
    }
  }
  return { counts, sources };
}
