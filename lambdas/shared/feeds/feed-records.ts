import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { codeOf, isOutage } from '../../../events/errors.ts';
import type { Log } from '../../../platform/ports/platform.ts';

/** A commit that the feed tells of. */
export interface FeedRecord {
  readonly stream: string;
  /** Version of its first event. */
  readonly version: number;
  readonly count: number;
  /** Account id or UTILITY, where the commit lies under a subject's key. */
  readonly subject?: string;
  readonly sequence: string;
  /** Chain hash of the commit, as the table noted it when it was put; not of a position that is told again. */
  readonly hash?: Buffer;
  /** When the table took it, UTC ms, to the second; the same however often it is told. */
  readonly at: number;
}

/** Records of an event in their order. What is removed from the table, by retention, tells nothing new. */
export function feedRecords({ Records }: DynamoDBStreamEvent): readonly FeedRecord[] {
  return Records.filter(({ eventName }) => eventName === 'INSERT').map(feedRecord);
}

function feedRecord({ dynamodb }: DynamoDBRecord): FeedRecord {
  const image = dynamodb!.NewImage!;
  const [kind, subject] = (image['keyId']?.S ?? '').split('/');
  const record = {
    stream: image['pk']!.S!,
    version: Number(image['sk']!.N),
    count: Number(image['count']!.N),
    sequence: dynamodb!.SequenceNumber!,
    at: Number(dynamodb!.ApproximateCreationDateTime ?? 0) * 1000,
  };
  const hash = image['hash']?.B;
  const known = hash === undefined ? record : { ...record, hash: Buffer.from(hash, 'base64') };
  return (kind === 'usage' || kind === 'billing') && subject !== undefined ? { ...known, subject } : known;
}

/** By stream, each in the order of the batch. */
export function byStream(records: readonly FeedRecord[]): ReadonlyMap<string, readonly FeedRecord[]> {
  const streams = new Map<string, FeedRecord[]>();
  for (const record of records) streams.set(record.stream, [...(streams.get(record.stream) ?? []), record]);
  return streams;
}

/**
 * Names the records that failed. The feed goes back to the lowest of them.
 * @param worked whether anything of the batch went through
 * @throws what kept all of them, where nothing did and a service of the outside world did not answer: then no record is at fault
 */
export function failures(log: Log, failed: ReadonlyMap<FeedRecord, unknown>, worked: boolean): DynamoDBBatchResponse {
  for (const [{ stream }, error] of failed) log.error('record failed', { stream, code: codeOf(error) });
  const faults = [...failed.values()];
  if (!worked && faults.length > 0 && faults.every(isOutage)) throw faults[0];
  return { batchItemFailures: [...failed.keys()].map(({ sequence }) => ({ itemIdentifier: sequence })) };
}
