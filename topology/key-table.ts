import type { Principal } from './principals.ts';

/** Rows of the key table, and who may do what with them: every permission there is. @source X.1332 9.1, 10.1 */
export type KeyTableOperation = 'get' | 'list' | 'put' | 'destroy';

export interface KeyRows {
  /** Ids of the rows begin so. */
  readonly prefix: string;
  readonly allow: Readonly<Partial<Record<Principal, readonly KeyTableOperation[]>>>;
}

const WRITE: readonly KeyTableOperation[] = ['get', 'list', 'put'];
const READ: readonly KeyTableOperation[] = ['get', 'list'];

const KEEPER: readonly KeyTableOperation[] = [...WRITE, 'destroy'];
/** Functions of the register of truth. */
const READERS = { 'close-day': READ, editing: READ, billing: READ, project: READ, relay: READ, archive: READ, auditor: READ } as const;
const WRITERS = { ingest: WRITE, keys: WRITE, enrol: WRITE, maintenance: KEEPER } as const;

/** Functions behind doors that people with a session come to. */
const JUDGES: readonly Principal[] = ['editing', 'billing', 'console-api', 'auditor', 'account-api', 'usage-api', 'authorization'];
/** Who begins sessions, ends them, and judges by them. */
const SESSIONS = { ...allOf(JUDGES, ['get']), session: KEEPER, erasure: WRITE, maintenance: ['list', 'destroy'] } as const;
/** What customers' devices are told, signed. */
const PRICED = { prices: WRITE, 'price-api': READ, relay: READ, 'console-api': READ, auditor: READ, maintenance: KEEPER } as const;

/** Words that no restore may take back: who says a kind to the streams puts it, and nobody else; nobody but the step behind a restore reads it. */
const KEPT = { maintenance: ['list', 'destroy'] } as const;

/** Feeds that are brought to whoever wants them: who brings them, tells of them, or looks how far they are. */
const BROUGHT = { deliver: READ, relay: READ, archive: READ, 'console-api': READ, auditor: READ, maintenance: KEEPER } as const;

/** The first prefix that fits decides. */
export const KEY_TABLE: readonly KeyRows[] = [
  { prefix: 'epoch/', allow: { keys: KEEPER, ingest: READ, maintenance: ['list', 'destroy'] } },
  { prefix: 'shard/', allow: { keys: WRITE, ingest: READ, maintenance: ['list', 'destroy'] } },
  // What came today lies on pages of a segment: customers' own part of them is shown to them.
  {
    prefix: 'segment/',
    allow: { ...WRITERS, 'close-day': READ, project: READ, archive: ['get', 'list', 'destroy'], auditor: READ, 'usage-api': READ },
  },
  // Whoever opens subject data writes down that it does.
  {
    prefix: 'stream-class/access/',
    allow: {
      'close-day': WRITE,
      editing: WRITE,
      billing: WRITE,
      project: WRITE,
      relay: WRITE,
      'billing-api': WRITE,
      deliver: WRITE,
      archive: WRITE,
      export: WRITE,
      maintenance: KEEPER,
      auditor: READ,
      'third-party-api': WRITE,
      'account-api': WRITE,
      'usage-api': WRITE,
      reconcile: READ,
    },
  },
  // Who signed in, a row for each person and month: it dies with its month, and a customer's with the customer.
  {
    prefix: 'sign-in/',
    allow: { session: WRITE, archive: ['list', 'destroy'], erasure: ['list', 'destroy'], auditor: READ },
  },
  // What came of holding the key service's record against those.
  { prefix: 'stream-class/audit/', allow: { reconcile: WRITE, project: READ, auditor: READ, maintenance: KEEPER } },
  // Who said that they would verify: written by whoever can open nothing, for what the auditor opens.
  {
    prefix: 'stream-class/verification/',
    allow: { 'console-api': WRITE, reconcile: READ, auditor: READ, maintenance: KEEPER },
  },
  // Who may ask customers, and who registers them.
  {
    prefix: 'stream-class/recipient/',
    allow: {
      enrol: WRITE,
      authorization: READ,
      'third-party-api': WRITE,
      deliver: READ,
      maintenance: KEEPER,
      auditor: READ,
      'account-api': READ,
    },
  },
  // How personal data ends: customers ask for it, the duty writes what it did.
  {
    prefix: 'stream-class/erasure/',
    allow: { erasure: WRITE, 'account-api': WRITE, relay: READ, archive: READ, maintenance: KEEPER, auditor: READ },
  },
  // Sessions of those who signed in, and proofs that were used: whoever judges callers at a door looks, and marks.
  // Of somebody who is erased nothing leaves, whatever a consent says.
  { prefix: 'token/session-barred/', allow: { ...SESSIONS, 'third-party-api': ['get'], deliver: ['get'] } },
  { prefix: 'token/session', allow: SESSIONS },
  { prefix: 'token/proof/', allow: { ...allOf(JUDGES, ['get', 'put']), session: ['get', 'put'], maintenance: ['list', 'destroy'] } },
  // What lies behind tokens, sealed under what their bearers hold: who serves data looks, and can open what it is shown.
  { prefix: 'token/', allow: { authorization: KEEPER, 'third-party-api': ['get'], maintenance: ['list', 'destroy'] } },
  // Who cuts devices off, or lets them in again, keeps what it says to their streams anyway: by these rows nobody gets a device in.
  { prefix: 'kept/meter/', allow: { enrol: ['put'], ingest: ['put'], maintenance: ['list', 'put', 'destroy'] } },
  { prefix: 'kept/relay/', allow: { enrol: ['put'], ingest: ['put'], keys: ['put'], maintenance: ['list', 'put', 'destroy'] } },
  // What customers took back, at whatever door they do, or with all their data.
  { prefix: 'kept/consent/', allow: { ...allOf(['consent', 'account-api', 'authorization', 'erasure'], ['put']), ...KEPT } },
  { prefix: 'kept/erasure/', allow: { ...allOf(['account-api', 'erasure'], ['put']), ...KEPT } },
  // What people take from third parties; these say for themselves where they are told, and nothing else of anybody.
  { prefix: 'kept/recipient/', allow: { enrol: ['put'], ...KEPT } },
  { prefix: 'kept/webhook/', allow: { ...allOf(['enrol', 'third-party-api'], ['put']), ...KEPT } },
  { prefix: 'kept/party-delivery/', allow: { ...allOf(['deliver', 'third-party-api'], ['put']), ...KEPT } },
  { prefix: 'kept/delivery/', allow: { deliver: ['put'], ...KEPT } },
  // Of a kind that is not above nobody says anything.
  { prefix: 'kept/', allow: KEPT },
  // The billing system's feed; other feeds have rows of their own class, from whoever issues them.
  { prefix: 'stream-class/feed/', allow: { ...BROUGHT, 'billing-api': WRITE, 'account-api': READ } },
  // Whoever serves a door lets its caller ask for a replay.
  {
    prefix: 'stream-class/delivery/',
    allow: {
      deliver: WRITE,
      'billing-api': WRITE,
      'third-party-api': WRITE,
      'console-api': WRITE,
      archive: READ,
      maintenance: KEEPER,
      auditor: READ,
    },
  },
  // What third parties are told.
  { prefix: 'stream-class/party-feed/', allow: { ...BROUGHT, 'third-party-feed': WRITE } },
  {
    prefix: 'stream-class/tariff/',
    allow: { ...READERS, billing: WRITE, prices: READ, 'usage-api': READ, 'account-api': READ, maintenance: KEEPER },
  },
  { prefix: 'stream-class/price/', allow: { ...PRICED, 'usage-api': READ } },
  { prefix: 'stream-class/demand-response/', allow: PRICED },
  { prefix: 'stream-class/exception/', allow: { ...READERS, editing: WRITE, maintenance: KEEPER } },
  // Customers give and take, by two functions; whoever discloses writes down that it did.
  {
    prefix: 'stream-class/consent/',
    allow: {
      consent: WRITE,
      authorization: WRITE,
      // All of somebody's end with their data.
      erasure: WRITE,
      'third-party-api': WRITE,
      // A push that a consent doesn't cover any more is on record.
      deliver: WRITE,
      'third-party-feed': READ,
      maintenance: KEEPER,
      auditor: READ,
      'account-api': WRITE,
    },
  },
  {
    prefix: 'stream-class/account/',
    allow: {
      ...READERS,
      ...WRITERS,
      export: READ,
      consent: READ,
      authorization: READ,
      'usage-api': READ,
      'account-api': READ,
      erasure: WRITE,
    },
  },
  {
    prefix: 'stream-class/usagepoint/',
    allow: { ...READERS, ...WRITERS, export: READ, 'third-party-api': READ, 'usage-api': READ, 'account-api': READ, erasure: READ },
  },
  // What the operator is told: the aggregator writes it, the operator's door hands it out.
  {
    prefix: 'stream-class/area/',
    allow: {
      ems: WRITE,
      forecast: READ,
      deidentify: READ,
      'operator-api': READ,
      // Which area a home is in.
      'usage-api': READ,
      'console-api': READ,
      deliver: READ,
      relay: READ,
      maintenance: KEEPER,
      auditor: READ,
    },
  },
  {
    prefix: 'stream-class/forecast/',
    allow: { forecast: WRITE, ems: READ, 'operator-api': READ, maintenance: KEEPER, auditor: READ },
  },
  // Which tables went out to researchers and the public.
  { prefix: 'stream-class/release/', allow: { deidentify: WRITE, 'usage-api': READ, maintenance: KEEPER, auditor: READ } },
  // A customer's proof of a bill shows the certificate that the meter sealed its days under.
  { prefix: 'stream-class/meter/', allow: { ...READERS, ...WRITERS, export: READ, 'account-api': READ } },
  { prefix: 'stream-class/', allow: { ...READERS, ...WRITERS, export: READ } },
  {
    prefix: 'usage/',
    allow: {
      'close-day': WRITE,
      editing: WRITE,
      billing: READ,
      project: WRITE,
      relay: READ,
      export: READ,
      archive: KEEPER,
      // Whether a row of a read model can still be opened says the row, which it can not unwrap.
      erasure: ['get', 'list', 'destroy'],
      auditor: READ,
      'third-party-api': READ,
      'account-api': READ,
      'usage-api': READ,
    },
  },
  // Who previews an edit sees what it does to the bill.
  {
    prefix: 'billing/',
    allow: {
      billing: WRITE,
      editing: READ,
      'billing-api': READ,
      deliver: READ,
      'third-party-api': READ,
      archive: KEEPER,
      erasure: ['list', 'destroy'],
      auditor: READ,
      'account-api': READ,
    },
  },
];

function allOf(
  principals: readonly Principal[],
  operations: readonly KeyTableOperation[],
): Readonly<Partial<Record<Principal, readonly KeyTableOperation[]>>> {
  return Object.fromEntries(principals.map((principal) => [principal, operations]));
}
