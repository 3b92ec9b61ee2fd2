import type { Principal } from './principals.ts';

/**
 * What each principal may do beside keys and rows of the key table, which topology/keys.ts says. What is not listed is denied.
 * lib/ makes IAM statements of it, a test holds it against what the functions ask for.
 * @source X.1332 10.1 (access control), 9.1
 */
export interface Grants {
  /** The event table. `append` puts; nobody changes or deletes. */
  readonly events: readonly ('read' | 'list' | 'append')[];
  readonly models: readonly ('read' | 'write')[];
  /** Small facts; who may come in by the doors is not among what is written. */
  readonly directory: readonly ('read' | 'write')[];
  /** Queues of topology/queues.ts it sends to. */
  readonly sends: readonly string[];
  readonly objects: readonly ObjectGrant[];
  readonly gateway: readonly GatewayOperation[];
  /** Publishes integration events. */
  readonly bus: boolean;
  /** Sees how much lies in the queues, and nothing of what. */
  readonly watches: boolean;
  /** Moves back what lies in dead-letter queues. */
  readonly redrives: boolean;
  /** Makes the successors of keys that are due. */
  readonly rotates: boolean;
  /** Puts sites where browsers load them. */
  readonly publishes: boolean;
  /** Puts copies of the log's checkpoints where they can't be put over: in another account, where the stage names one. */
  readonly witnesses: boolean;
  /** Sees whether somebody may still sign in. */
  readonly asksIdentity: boolean;
  /** Reads the key service's own record, which nobody writes but the key service. */
  readonly keyRecord: boolean;
}

export interface ObjectGrant {
  /** Keys of the objects begin so. */
  readonly prefix: string;
  readonly may: readonly ('get' | 'put' | 'delete' | 'list')[];
}

/** Principals whose role a person takes on, at a command line; all others are functions. */
export const PEOPLE: readonly Principal[] = ['enrol', 'export', 'auditor', 'operator-cli', 'publisher'];

/** Who writes down who may come in by the doors: topology/callers.ts. */
export const ADMITS: readonly Principal[] = ['operator-cli'];

/** What the gateway of the devices can be asked for. */
export type GatewayOperation = 'publish' | 'find' | 'register' | 'issue' | 'revoke' | 'quarantine' | 'release';

const NONE: Grants = {
  events: [],
  models: [],
  directory: [],
  sends: [],
  objects: [],
  gateway: [],
  bus: false,
  watches: false,
  redrives: false,
  rotates: false,
  publishes: false,
  witnesses: false,
  asksIdentity: false,
  keyRecord: false,
};
const WRITES: Pick<Grants, 'events' | 'directory'> = { events: ['read', 'list', 'append'], directory: ['read', 'write'] };

/** Bodies of checkpoints stand in for what was before them. */
const READS_CHECKPOINTS: ObjectGrant = { prefix: 'checkpoints/', may: ['get'] };
const READS_ARCHIVES: ObjectGrant = { prefix: 'archive/', may: ['get'] };
/** Large bodies of telemetry, on a platform where they lie apart: for whoever may have the rows of segments. */
const READS_BODIES: ObjectGrant = { prefix: 'bodies/', may: ['get'] };
const WRITES_BODIES: ObjectGrant = { prefix: 'bodies/', may: ['get', 'put'] };
const READS_MANIFEST: ObjectGrant = { prefix: 'keyring/', may: ['get', 'list'] };
/** Hashes of everything that was committed, and names of streams. */
const READS_LOG: ObjectGrant = { prefix: 'log/', may: ['get', 'list'] };
const READS_TARIFFS: ObjectGrant = { prefix: 'tariff-series/', may: ['get'] };

export const GRANTS: Readonly<Record<Principal, Grants>> = {
  ingest: {
    ...NONE,
    ...WRITES,
    objects: [{ prefix: 'checkpoints/', may: ['get', 'put'] }, READS_ARCHIVES, WRITES_BODIES],
    gateway: ['publish', 'quarantine'],
  },
  keys: {
    ...NONE,
    ...WRITES,
    objects: [READS_CHECKPOINTS, READS_ARCHIVES, READS_MANIFEST, WRITES_BODIES],
    gateway: ['publish', 'find', 'issue', 'revoke', 'quarantine'],
  },
  enrol: {
    ...NONE,
    ...WRITES,
    objects: [READS_CHECKPOINTS, READS_ARCHIVES, WRITES_BODIES],
    gateway: ['find', 'register', 'issue', 'revoke', 'quarantine', 'release'],
  },
  maintenance: {
    ...NONE,
    ...WRITES,
    sends: ['service'],
    objects: [
      { prefix: 'checkpoints/', may: ['get', 'put'] },
      READS_ARCHIVES,
      READS_MANIFEST,
      WRITES_BODIES,
      // After a restore the log is told what was taken back, and whoever verifies gets a receipt.
      READS_LOG,
      { prefix: 'log/pending/', may: ['put'] },
      { prefix: 'restores/', may: ['put'] },
    ],
    // People release by it: what cuts a device off lets none in again.
    gateway: ['find', 'revoke', 'release'],
  },
  'close-day': { ...NONE, ...WRITES, objects: [READS_CHECKPOINTS, READS_ARCHIVES, READS_BODIES] },
  editing: { ...NONE, ...WRITES, models: ['read'], objects: [READS_CHECKPOINTS, READS_ARCHIVES, READS_TARIFFS] },
  billing: { ...NONE, ...WRITES, objects: [READS_CHECKPOINTS, READS_ARCHIVES, { prefix: 'tariff-series/', may: ['get', 'put'] }] },
  project: { ...NONE, ...WRITES, models: ['read', 'write'], objects: [READS_CHECKPOINTS, READS_ARCHIVES, READS_BODIES] },
  relay: { ...NONE, events: WRITES.events, directory: ['read'], objects: [READS_CHECKPOINTS, READS_ARCHIVES], bus: true },
  'billing-api': { ...NONE, ...WRITES, objects: [READS_CHECKPOINTS, READS_ARCHIVES] },
  deliver: { ...NONE, ...WRITES, objects: [READS_CHECKPOINTS, READS_ARCHIVES] },
  prices: { ...NONE, events: WRITES.events, objects: [READS_TARIFFS] },
  'price-api': { ...NONE, events: ['read', 'list'], objects: [READS_MANIFEST] },
  archive: {
    ...NONE,
    ...WRITES,
    objects: [
      { prefix: 'checkpoints/', may: ['get', 'put', 'delete', 'list'] },
      { prefix: 'archive/', may: ['get', 'put', 'delete', 'list'] },
      { prefix: 'bodies/', may: ['get', 'delete', 'list'] },
      { prefix: 'quarantine/', may: ['delete', 'list'] },
      { prefix: 'forecast-models/', may: ['delete', 'list'] },
    ],
  },
  // Says whose data ends, and takes rows of read models out that nobody can open any more.
  erasure: { ...NONE, ...WRITES, models: ['read', 'write'], objects: [READS_CHECKPOINTS, READS_ARCHIVES] },
  export: { ...NONE, events: WRITES.events, directory: ['read'], objects: [READS_CHECKPOINTS, READS_ARCHIVES] },
  auditor: {
    ...NONE,
    events: ['read', 'list'],
    directory: ['read'],
    objects: [READS_CHECKPOINTS, READS_ARCHIVES, READS_BODIES, READS_LOG],
    // Whether the gateway bars a device, and which of its certificates are in force.
    gateway: ['find'],
  },
  // Reads registrations, consents and accounts, records consents; what lies behind tokens is in the key table and the directory.
  authorization: { ...NONE, ...WRITES },
  // Makes up what it answers.
  sandbox: NONE,
  'operator-cli': {
    ...NONE,
    // When published applications end.
    objects: [
      { prefix: 'keyring/', may: ['get', 'put', 'list'] },
      { prefix: 'sites/', may: ['get'] },
    ],
    redrives: true,
    rotates: true,
  },
  // The manifest of each application that was signed last.
  publisher: { ...NONE, objects: [{ prefix: 'sites/', may: ['get', 'put'] }], publishes: true },
  consent: { ...NONE, ...WRITES, objects: [READS_CHECKPOINTS, READS_ARCHIVES] },
  // Where webhooks go is noted for whoever pushes.
  'third-party-api': { ...NONE, ...WRITES, objects: [READS_CHECKPOINTS, READS_ARCHIVES] },
  'third-party-feed': { ...NONE, ...WRITES, objects: [READS_CHECKPOINTS, READS_ARCHIVES] },
  ems: { ...NONE, events: WRITES.events, models: ['read'] },
  // Areas as they were told, and how they are made up; nothing of anybody.
  deidentify: {
    ...NONE,
    events: ['read', 'append'],
    models: ['read'],
    objects: [{ prefix: 'tables/', may: ['get', 'put', 'delete', 'list'] }],
  },
  // The newest checkpoint of the log is the operator's to keep.
  'operator-api': { ...NONE, events: ['read'], objects: [{ prefix: 'log/latest', may: ['get'] }] },
  // Customers' own bills, estimates and consents: it writes what they take back, and that it looked.
  // Where a bill's commits are in the log is part of its proof.
  'account-api': {
    ...NONE,
    events: WRITES.events,
    models: ['read'],
    directory: ['read'],
    objects: [READS_CHECKPOINTS, READS_ARCHIVES, READS_TARIFFS, READS_LOG],
  },
  // Sessions lie in the key table; who began one, and who was refused, is recorded.
  session: { ...NONE, events: WRITES.events, asksIdentity: true },
  // Records that a customer looked; summaries, tariffs and the tables of similar homes.
  'usage-api': {
    ...NONE,
    events: ['read', 'list', 'append'],
    models: ['read'],
    directory: ['read'],
    objects: [READS_CHECKPOINTS, READS_TARIFFS, { prefix: 'tables/', may: ['get'] }],
  },
  // Writes only that a feed is to be brought again.
  'console-api': {
    ...NONE,
    ...WRITES,
    models: ['read'],
    objects: [READS_MANIFEST],
    gateway: ['find'],
    watches: true,
  },
  // Who opened what, and no key to any of it.
  reconcile: { ...NONE, events: WRITES.events, objects: [READS_CHECKPOINTS], keyRecord: true },
  // What was published of areas, and nothing that knows of homes.
  forecast: { ...NONE, events: ['read', 'append'], objects: [{ prefix: 'forecast-models/', may: ['get', 'put'] }] },
  // Bytes of commits, sealed as they are, and the log: it opens nothing, and writes down how far it is.
  'log-check': {
    ...NONE,
    events: ['read'],
    objects: [
      READS_ARCHIVES,
      READS_BODIES,
      READS_LOG,
      { prefix: 'restores/', may: ['get', 'list'] },
      { prefix: 'log-check/', may: ['get', 'put'] },
    ],
  },
  // Names and hashes of commits as the change stream tells them; it reads no event and has no key to any.
  log: {
    ...NONE,
    directory: ['read', 'write'],
    objects: [
      { prefix: 'log/pending/', may: ['get', 'put', 'list', 'delete'] },
      { prefix: 'log/', may: ['get', 'put', 'list'] },
    ],
    witnesses: true,
  },
};
