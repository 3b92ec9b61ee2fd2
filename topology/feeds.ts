import { FAILED_POSITIONS } from './queues.ts';
import { STREAM_FAMILIES } from './stream-families.ts';

/**
 * Which function hears of which commits, as an event source mapping on the event table's change stream would have it.
 * lib/ makes the mappings, platform/embedded/ a worker each. A record names a commit (stream, version, count, key row);
 * what it holds the function reads through the event store. Order is kept per stream; delivery is at least once.
 */
export interface FeedSpec {
  readonly name: string;
  /** Function that is invoked: a folder of lambdas/. */
  readonly function: string;
  /** Names of the streams begin so. */
  readonly streams: readonly string[];
  /** Records per invocation. */
  readonly batchSize: number;
  /** Invocations at a time; the streams are spread over so many shards. */
  readonly parallelization: number;
  /** A record that failed so many times after the first is set aside, and its shard goes on. While something outside does not answer nothing is counted. */
  readonly maxRetries: number;
  /**
   * On AWS a record that the function came to no end with, neither done nor set aside, is set aside by the mapping after so many hours: the longest
   * outage that is waited out, and the longest that one which ends its process holds those behind it. A change stream keeps 24.
   */
  readonly patienceHours: number;
  /** One invocation, seconds. */
  readonly timeoutSeconds: number;
  /** Queue that gets the position of what was set aside. */
  readonly onFailure: string;
}

/**
 * Every commit gets its place in the log: one order of arrival, however many streams. It waits for a store that is away, for a stream that went on
 * without one of its commits could never be given it later; what is no commit the function sets aside itself.
 */
export const LOG_FEED: FeedSpec = {
  name: 'log',
  function: 'log-collect',
  streams: STREAM_FAMILIES,
  batchSize: 500,
  parallelization: 1,
  maxRetries: 10_000,
  patienceHours: 24,
  timeoutSeconds: 60,
  onFailure: FAILED_POSITIONS,
};

export const FEEDS: readonly FeedSpec[] = [
  {
    name: 'project-segments',
    function: 'project',
    // Of meters and concentrators, who is cut off.
    streams: ['segment/', 'relay/', 'meter/'],
    batchSize: 50,
    parallelization: 2,
    maxRetries: 4,
    patienceHours: 6,
    timeoutSeconds: 60,
    onFailure: FAILED_POSITIONS,
  },
  {
    name: 'project-days',
    function: 'project',
    // Days, and who opened whose.
    streams: ['meterday/', 'access/', 'audit/'],
    batchSize: 100,
    parallelization: 2,
    maxRetries: 4,
    patienceHours: 6,
    timeoutSeconds: 60,
    onFailure: FAILED_POSITIONS,
  },
  {
    // One reader for everything that somebody outside is told of: what billing waits for doesn't wait for a page of the portal, and a
    // change stream bears few readers.
    name: 'relay',
    function: 'relay',
    streams: ['meterday/', 'bill/', 'feed/', 'area/', 'price/', 'demand-response/', 'consent/', 'erasure/', 'party-feed/'],
    batchSize: 100,
    parallelization: 2,
    maxRetries: 10,
    patienceHours: 6,
    timeoutSeconds: 60,
    onFailure: FAILED_POSITIONS,
  },
  LOG_FEED,
];
