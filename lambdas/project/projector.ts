import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { byStream, type FeedRecord, failures, feedRecords } from '../shared/feeds/feed-records.ts';
import { AccessProjection } from './access-projection.ts';
import { DayProjection } from './day-projection.ts';
import { DeviceProjection, METER_STREAMS, RELAY_STREAMS } from './device-projection.ts';
import { RelayProjection } from './relay-projection.ts';
import { SegmentProjection } from './segment-projection.ts';
import { accessTables, dayTables, deviceTables, relayTables, segmentTables } from './tables.ts';

const SEGMENT = 'segment/';
const WHO_OPENED = ['access/', 'audit/'] as const;

/** Brings the tables in use up to where the feed is. A stream that fails keeps no other from being taken up. */
export class Projector {
  readonly #platform: Platform;
  readonly #segments: SegmentProjection;
  readonly #days: DayProjection;
  readonly #relays: RelayProjection;
  readonly #devices: DeviceProjection;
  readonly #accesses: AccessProjection;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#segments = new SegmentProjection(platform, segmentTables(platform.models));
    this.#days = new DayProjection(platform, dayTables(platform.models));
    this.#relays = new RelayProjection(platform, relayTables(platform.models));
    this.#devices = new DeviceProjection(platform, deviceTables(platform.models));
    this.#accesses = new AccessProjection(platform, accessTables(platform.models));
  }

  async take(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
    const streams = byStream(feedRecords(event));
    const failed = new Map<FeedRecord, unknown>();
    const days: { readonly stream: string; readonly subject?: string }[] = [];
    const followed: Promise<unknown>[] = [];
    for (const [stream, records] of streams) {
      const follow = this.#follow(stream, records.at(-1)!.version);
      if (follow !== undefined) {
        followed.push(follow.catch((fault: unknown) => failed.set(records[0]!, fault)));
      } else days.push(records.at(-1)!);
    }
    await Promise.all(followed);
    for (const [stream, fault] of await this.#days.follow(days)) failed.set(streams.get(stream)![0]!, fault);
    return failures(this.#platform.log, failed, failed.size < streams.size);
  }

  /** @returns undefined for a meter day: those are taken up together */
  #follow(stream: string, to: number): Promise<unknown> | undefined {
    if (stream.startsWith(SEGMENT)) return this.#segments.follow(stream.slice(SEGMENT.length), to);
    if (WHO_OPENED.some((family) => stream.startsWith(family))) return this.#accesses.follow(stream, to);
    if (stream.startsWith(METER_STREAMS)) return this.#devices.follow(stream, to);
    if (!stream.startsWith(RELAY_STREAMS)) return undefined;
    return Promise.all([this.#relays.follow(stream.slice(RELAY_STREAMS.length), to), this.#devices.follow(stream, to)]);
  }
}
