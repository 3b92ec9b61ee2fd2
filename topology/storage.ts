/**
 * Keys of the platform's own encryption at rest, one for each domain of data, below the sealing of commits: whoever gets at a disk,
 * a backup or another domain's key has nothing. lib/ makes a KMS key of each; what holds data of a domain names it.
 * @source X.1332 9.1, 10.1 (stored data confidential and intact)
 */
export const STORAGE_DOMAINS = [
  'telemetry',
  'billing',
  'register',
  'objects',
  'secrets',
  'models',
  'fleet',
  'operations',
  'audiences',
] as const;

export type StorageDomain = (typeof STORAGE_DOMAINS)[number];

/** What is kept under a domain's key. */
export interface Storage {
  readonly domain: StorageDomain;
  readonly tables: readonly string[];
  /** Their dead-letter queues as well. */
  readonly queues: readonly string[];
  /** Buckets by the name that says what for. */
  readonly buckets: readonly string[];
}

export const STORAGE: readonly Storage[] = [
  { domain: 'telemetry', tables: [], queues: ['telemetry', 'handshake', 'service'], buckets: ['undelivered'] },
  { domain: 'billing', tables: [], queues: ['billing', 'undelivered-events'], buckets: [] },
  // Positions in feeds and names of accounts: what wakes those who push.
  {
    domain: 'audiences',
    tables: [],
    queues: ['billing-feed', 'third-party-feed', 'billing-system', 'operator', 'third-party', 'customer'],
    buckets: [],
  },
  { domain: 'register', tables: ['events'], queues: [], buckets: [] },
  { domain: 'objects', tables: [], queues: [], buckets: ['objects'] },
  { domain: 'secrets', tables: ['keys'], queues: [], buckets: [] },
  { domain: 'models', tables: ['models', 'directory'], queues: [], buckets: [] },
  // What the gateway tells of devices: names of things and certificates.
  { domain: 'fleet', tables: [], queues: ['registrations', 'violations', 'undelivered-notices'], buckets: [] },
  // Logs of the functions, and what could not be delivered: names and positions, no content.
  { domain: 'operations', tables: [], queues: ['failed-positions', 'missed-schedules'], buckets: [] },
];

/** @throws RangeError for what no domain holds */
export function domainOf(kind: 'tables' | 'queues' | 'buckets', name: string): StorageDomain {
  const storage = STORAGE.find((candidate) => candidate[kind].includes(name));
  if (storage === undefined) throw new RangeError(`${kind}: ${name} lies under no storage key`);
  return storage.domain;
}
