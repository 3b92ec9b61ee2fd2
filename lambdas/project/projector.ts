import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { byStream, type FeedRecord, failures, feedRecords } from '../shared/feed-records.ts';
import { DayProjection } from './day-projection.ts';
import { SegmentProjection } from './segment-projection.ts';
import { dayTables, segmentTables } from './tables.ts';

const SEGMENT = 'segment/';

/** Brings the tables in use up to where the feed is. A stream that fails keeps no other from being taken up. */
export class Projector {
  readonly #platform: Platform;
  readonly #segments: SegmentProjection;
  readonly #days: DayProjection;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#segments = new SegmentProjection(platform, segmentTables(platform.models));
    this.#days = new DayProjection(platform, dayTables(platform.models));
  }

  async take(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
    const streams = byStream(feedRecords(event));
    const failed = new Map<FeedRecord, unknown>();
    const days: { readonly stream: string; readonly subject?: string }[] = [];
    const followed: Promise<unknown>[] = [];
    for (const [stream, records] of streams) {
      if (stream.startsWith(SEGMENT)) {
        const follow = this.#segments.follow(stream.slice(SEGMENT.length), records.at(-1)!.version);
        followed.push(follow.catch((fault: unknown) => failed.set(records[0]!, fault)));
      } else days.push(records.at(-1)!);
    }
    await Promise.all(followed);
    for (const [stream, fault] of await this.#days.follow(days)) failed.set(streams.get(stream)![0]!, fault);
    return failures(this.#platform.log, failed);
  }
}
