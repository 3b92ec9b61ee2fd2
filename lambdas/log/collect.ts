import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { JoulekeepError } from '../../events/index.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import { encodeEntry } from '../../protocol/log/entry.ts';
import { type FeedRecord, feedRecords } from '../shared/feed-records.ts';
import { pendingPlace } from './places.ts';

/** Puts what was committed where the sequencer finds it; sees names and hashes, and no content. All or nothing: the feed brings it again.
 * @throws ERR_LOG_HASH
 */
export async function collect(objects: Pick<ObjectStore, 'put'>, event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const records = feedRecords(event);
  const [first, last] = [records[0], records.at(-1)];
  if (first !== undefined && last !== undefined) {
    await objects.put(pendingPlace(first.sequence, last.sequence), Buffer.concat(records.map(entryOf)));
  }
  return { batchItemFailures: [] };
}

function entryOf({ stream, version, hash }: FeedRecord): Buffer {
  if (hash === undefined) throw new JoulekeepError('ERR_LOG_HASH', `${stream}: nobody told the hash of commit ${version}`);
  return encodeEntry({ stream, version, hash });
}
