import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Platform } from '../../platform/ports/platform.ts';
import { encodeEntry, parseEntry, takenBackStream } from '../../protocol/log/entry.ts';
import { LOG_FEED } from '../../topology/feeds.ts';
import { type FeedRecord, feedRecords } from '../shared/feeds/feed-records.ts';
import { pendingPlace } from './places.ts';

/**
 * Puts what was committed where the sequencer finds it; sees names and hashes and no content, so that nothing a commit holds keeps it from its place.
 * What has no hash of a commit or no name of a stream is no commit of ours: it is set aside, an alarm watches that, and everything else goes on. A check
 * of the store finds it, for the log has no place for it. All or nothing: the feed brings it again.
 */
export async function collect(
  { objects, queues, log }: Pick<Platform, 'objects' | 'queues' | 'log'>,
  event: DynamoDBStreamEvent,
): Promise<DynamoDBBatchResponse> {
  const records = feedRecords(event);
  const entries = records.map(entryOf);
  const whole = entries.filter((entry) => entry !== undefined);
  const [first, last] = [records[0], records.at(-1)];
  if (first !== undefined && last !== undefined && whole.length > 0)
    await objects.put(pendingPlace(first.sequence, last.sequence), Buffer.concat(whole));
  for (const { stream, version, count } of records.filter((_, n) => entries[n] === undefined)) {
    log.error('record set aside', { stream, code: 'ERR_LOG_HASH' });
    const { name: feed, function: handler, onFailure } = LOG_FEED;
    await queues.send(onFailure, JSON.stringify({ feed, function: handler, stream, version, count, attempts: 1 }));
  }
  return { batchItemFailures: [] };
}

/** Undefined for what would be no entry to whoever reads it: the sequencer would come no further than to that. */
function entryOf({ stream, version, hash }: FeedRecord): Buffer | undefined {
  if (hash === undefined || takenBackStream({ stream }) !== undefined) return undefined;
  try {
    const entry = encodeEntry({ stream, version, hash });
    parseEntry(entry);
    return entry;
  } catch {
    return undefined;
  }
}
