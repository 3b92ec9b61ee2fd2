import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Arrival } from '../event-database.ts';

const REGION = 'embedded';
const ACCOUNT = '000000000000';

/** The event a change stream of the event table hands over for commits that were put: key and new image, without the body. */
export function streamEvent(feed: string, arrivals: readonly Arrival[]): DynamoDBStreamEvent {
  return { Records: arrivals.map((arrival) => streamRecord(feed, arrival)) };
}

function streamRecord(feed: string, { place, stream, version, count, keyId, hash, recordedAt }: Arrival): DynamoDBRecord {
  const Keys = { pk: { S: stream }, sk: { N: String(version) } };
  return {
    eventID: `${feed}-${place}`,
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: REGION,
    eventSourceARN: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/events/stream/embedded`,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(recordedAt / 1000),
      Keys,
      NewImage: { ...Keys, count: { N: String(count) }, keyId: { S: keyId }, ...(hash && { hash: { B: hash.toString('base64') } }) },
      SequenceNumber: sequenceOf(place),
      SizeBytes: 0,
      StreamViewType: 'NEW_IMAGE',
    },
  };
}

/** 21 digits, so that the order of texts is the order of arrival. */
function sequenceOf(place: number): string {
  return String(place).padStart(21, '0');
}

/**
 * How many records from the start of the batch are done, by the rules of `ReportBatchItemFailures` for streams: all when
 * the response names none; those before the lowest sequence number it names; none when it names one that isn't there.
 * @returns -1 when the batch failed as a whole
 */
export function doneOf(arrivals: readonly Arrival[], response: DynamoDBBatchResponse | undefined): number {
  const failures = response?.batchItemFailures ?? [];
  if (failures.length === 0) return arrivals.length;
  const sequences = arrivals.map(({ place }) => sequenceOf(place));
  const places = failures.map(({ itemIdentifier }) => sequences.indexOf(itemIdentifier));
  return Math.min(...places);
}
