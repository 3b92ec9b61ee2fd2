/**
 * The tables of the deployed service as plain data: `lib/` makes DynamoDB tables of them, `platform/aws/dynamo` reads and writes
 * them. Every table has the partition key `pk` and the sort key `sk`; `expiresAt` (UTC seconds) is the time to live where there is one.
 */
export interface TableSpec {
  readonly name: 'events' | 'keys' | 'models' | 'directory';
  readonly sort: 'number' | 'string';
  /** Items may carry `expiresAt`. */
  readonly expires: boolean;
  /** What the change stream shows; none for tables that nobody listens to. */
  readonly changes: 'keys and new image' | 'none';
  /** A second order of the items that carry both attributes (texts), keys alone; few items do. */
  readonly index?: { readonly name: string; readonly partition: string; readonly sort: string };
  /** Continuous backups. Never where keys lie: a destroyed row must be gone. */
  readonly pointInTimeRecovery: boolean;
}

export const TABLES: readonly TableSpec[] = [
  {
    name: 'events',
    sort: 'number',
    expires: true,
    changes: 'keys and new image',
    // Names of streams: the first commit of each carries its name, and so does its anchor.
    index: { name: 'names', partition: 'shard', sort: 'name' },
    pointInTimeRecovery: true,
  },
  // Rows of tokens end by the table's own clock; what protects data is destroyed when a duty says so.
  { name: 'keys', sort: 'string', expires: true, changes: 'none', pointInTimeRecovery: false },
  { name: 'models', sort: 'string', expires: true, changes: 'none', pointInTimeRecovery: false },
  { name: 'directory', sort: 'string', expires: false, changes: 'none', pointInTimeRecovery: false },
];
