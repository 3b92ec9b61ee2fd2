import { PRINCIPALS, type Principal } from './principals.ts';

/**
 * The keys of the key service, and who may do what with them: every permission there is. What is not listed is denied. lib/ turns this
 * into key policies and IAM statements, platform/embedded/ evaluates it.
 * @source X.1332 9.1 (end-to-end confidentiality), 10.1 (keys stored securely)
 */
export type KmsOperation = 'generateDataKey' | 'encrypt' | 'decrypt' | 'deriveSharedSecret' | 'sign' | 'generateMac' | 'getPublicKey';

/** What a key is for: AES-256-GCM, ECDH on P-256, ECDSA on P-256 with SHA-256, HMAC-SHA-256. */
export type KeyUsage = 'encrypt-decrypt' | 'key-agreement' | 'sign-verify' | 'mac';

/** Operations that exist for a usage. */
export const OPERATIONS_OF: Readonly<Record<KeyUsage, readonly KmsOperation[]>> = {
  'encrypt-decrypt': ['generateDataKey', 'encrypt', 'decrypt'],
  'key-agreement': ['deriveSharedSecret', 'getPublicKey'],
  'sign-verify': ['sign', 'getPublicKey'],
  mac: ['generateMac'],
};

export interface KmsKey {
  readonly id: string;
  readonly usage: KeyUsage;
  /** A new generation is made this often. */
  readonly rotationDays: number;
  /**
   * Asymmetric keys: how long the generation before the current one still works after a rotation. Public halves can
   * always be read. Symmetric generations decrypt for ever.
   */
  readonly overlapDays: number;
  /** People alone make its successor, and end it: what it made is kept by others. `rotationDays` tells them when, no clock acts on it. */
  readonly changedByPeople?: true;
  readonly allow: Readonly<Partial<Record<Principal, readonly KmsOperation[]>>>;
}

const EVERYBODY_READS: Readonly<Partial<Record<Principal, readonly KmsOperation[]>>> = Object.fromEntries(
  // The sandbox has nothing to check, and who publishes applications reads no stream.
  PRINCIPALS.filter((principal) => principal !== 'sandbox' && principal !== 'publisher').map(
    (principal) => [principal, ['getPublicKey']] as const,
  ),
);

export const KMS_KEYS: readonly KmsKey[] = [
  {
    // Static half of every handshake: whoever has it, with the meter's traffic, has half of Z. The handshake function alone.
    id: 'agreement',
    usage: 'key-agreement',
    rotationDays: 365,
    overlapDays: 90,
    allow: { keys: ['deriveSharedSecret', 'getPublicKey'], 'operator-cli': ['getPublicKey'] },
  },
  {
    // Certifies the day keys that sign ACCEPT and EPOCH-IS.
    id: 'handshake',
    usage: 'sign-verify',
    rotationDays: 365,
    overlapDays: 90,
    allow: { keys: ['sign', 'getPublicKey'], 'operator-cli': ['getPublicKey'] },
  },
  {
    // Signs checkpoints of segments, where ingest folds them, and of the log over all commits.
    id: 'checkpoint',
    usage: 'sign-verify',
    rotationDays: 730,
    overlapDays: 90,
    allow: {
      ingest: ['sign', 'getPublicKey'],
      maintenance: ['sign', 'getPublicKey'],
      log: ['sign', 'getPublicKey'],
      archive: ['getPublicKey'],
      auditor: ['getPublicKey'],
      'log-check': ['getPublicKey'],
      'operator-api': ['getPublicKey'],
      'operator-cli': ['getPublicKey'],
    },
  },
  {
    // Authenticates cursors of paged answers, each for the person it was given to.
    id: 'cursor',
    usage: 'mac',
    rotationDays: 365,
    overlapDays: 0,
    allow: {
      editing: ['generateMac'],
      'console-api': ['generateMac'],
      auditor: ['generateMac'],
      'third-party-api': ['generateMac'],
      'account-api': ['generateMac'],
    },
  },
  {
    // Makes the key that signs the authorization server's cookies. Tokens are opaque: nothing signs them.
    id: 'token',
    usage: 'mac',
    rotationDays: 365,
    overlapDays: 0,
    allow: { authorization: ['generateMac'] },
  },
  {
    // Signs where the hot part of a stream begins: without it nothing that was recorded may be gone.
    id: 'retention',
    usage: 'sign-verify',
    rotationDays: 730,
    overlapDays: 90,
    allow: { ...EVERYBODY_READS, archive: ['sign', 'getPublicKey'] },
  },
  {
    // Signs the items of the feed to the utility's billing system, where they get their place.
    id: 'billing-feed',
    usage: 'sign-verify',
    rotationDays: 365,
    overlapDays: 90,
    allow: { 'billing-api': ['sign', 'getPublicKey'], deliver: ['getPublicKey'], 'operator-cli': ['getPublicKey'] },
  },
  {
    // Signs what is pushed: its bytes, its time and its id.
    id: 'webhook',
    usage: 'sign-verify',
    rotationDays: 365,
    overlapDays: 90,
    allow: { deliver: ['sign', 'getPublicKey'], 'third-party-api': ['getPublicKey'], 'operator-cli': ['getPublicKey'] },
  },
  {
    // Signs day-ahead tariffs with the band that real-time prices stay in: a key of its own, so that neither moves the other.
    id: 'tariff',
    usage: 'sign-verify',
    rotationDays: 365,
    overlapDays: 2,
    allow: { prices: ['sign', 'getPublicKey'], 'operator-cli': ['getPublicKey'] },
  },
  {
    // Signs real-time prices.
    id: 'price',
    usage: 'sign-verify',
    rotationDays: 365,
    overlapDays: 2,
    allow: { prices: ['sign', 'getPublicKey'], 'operator-cli': ['getPublicKey'] },
  },
  {
    // Signs demand-response events.
    id: 'demand-response',
    usage: 'sign-verify',
    rotationDays: 365,
    overlapDays: 2,
    allow: { prices: ['sign', 'getPublicKey'], 'operator-cli': ['getPublicKey'] },
  },
  {
    // Signs manifests of applications: whoever signs them decides what runs in customers' browsers. Loaders pin it, so its successor comes
    // with a publication, and people make both.
    id: 'application',
    usage: 'sign-verify',
    rotationDays: 730,
    overlapDays: 90,
    changedByPeople: true,
    allow: { publisher: ['sign', 'getPublicKey'] },
  },
  {
    // Wraps shard keys, which wrap epoch secrets: handshake makes them, ingest opens frames with them.
    id: 'shard-kek',
    usage: 'encrypt-decrypt',
    rotationDays: 365,
    overlapDays: 0,
    allow: { keys: ['generateDataKey', 'decrypt'], ingest: ['decrypt'] },
  },
  {
    // Wraps the data keys of streams: writers make them, the auditor reads.
    id: 'store-kek',
    usage: 'encrypt-decrypt',
    rotationDays: 365,
    overlapDays: 0,
    allow: {
      ingest: ['generateDataKey', 'decrypt'],
      keys: ['generateDataKey', 'decrypt'],
      enrol: ['generateDataKey', 'decrypt'],
      maintenance: ['generateDataKey', 'decrypt'],
      'close-day': ['generateDataKey', 'decrypt'],
      editing: ['generateDataKey', 'decrypt'],
      billing: ['generateDataKey', 'decrypt'],
      project: ['generateDataKey', 'decrypt'],
      relay: ['generateDataKey', 'decrypt'],
      'billing-api': ['generateDataKey', 'decrypt'],
      deliver: ['generateDataKey', 'decrypt'],
      prices: ['generateDataKey', 'decrypt'],
      'price-api': ['decrypt'],
      archive: ['generateDataKey', 'decrypt'],
      export: ['generateDataKey', 'decrypt'],
      authorization: ['generateDataKey', 'decrypt'],
      auditor: ['decrypt'],
      consent: ['generateDataKey', 'decrypt'],
      'third-party-api': ['generateDataKey', 'decrypt'],
      'third-party-feed': ['generateDataKey', 'decrypt'],
      ems: ['generateDataKey', 'decrypt'],
      forecast: ['generateDataKey', 'decrypt'],
      'usage-api': ['generateDataKey', 'decrypt'],
      deidentify: ['generateDataKey', 'decrypt'],
      'operator-api': ['decrypt'],
      'account-api': ['generateDataKey', 'decrypt'],
      'console-api': ['generateDataKey', 'decrypt'],
      // Never subject-kek: whoever erases reads nothing of it.
      erasure: ['generateDataKey', 'decrypt'],
      reconcile: ['generateDataKey', 'decrypt'],
      session: ['generateDataKey', 'decrypt'],
    },
  },
  {
    // Wraps the data keys of subjects. Who enrols customers, or takes their telemetry in, opens nothing of theirs; the auditor
    // opens to check tags, and shows nothing.
    id: 'subject-kek',
    usage: 'encrypt-decrypt',
    rotationDays: 365,
    overlapDays: 0,
    allow: {
      'close-day': ['generateDataKey', 'decrypt'],
      editing: ['generateDataKey', 'decrypt'],
      billing: ['generateDataKey', 'decrypt'],
      archive: ['generateDataKey', 'decrypt'],
      // Today's readings lie under the month's key before the first day of the month is closed.
      project: ['generateDataKey', 'decrypt'],
      relay: ['decrypt'],
      // Bills alone: rows of the months' keys they may not have.
      'billing-api': ['decrypt'],
      deliver: ['decrypt'],
      export: ['decrypt'],
      auditor: ['decrypt'],
      // Customers' own consents decide, page by page, what of theirs it opens.
      'third-party-api': ['decrypt'],
      // A customer's own, for that customer.
      'account-api': ['decrypt'],
      // Customers look at what is theirs.
      'usage-api': ['decrypt'],
    },
  },
  {
    // K_r of each recipient comes from it. A new generation would be new pseudonyms for everybody: it changes by people, at the turn of a period.
    id: 'pseudonym',
    usage: 'mac',
    rotationDays: 3_650,
    overlapDays: 0,
    changedByPeople: true,
    allow: { 'third-party-api': ['generateMac'], 'third-party-feed': ['generateMac'] },
  },
  {
    // Signs manifests of exports to third parties, and the notices of their feeds.
    id: 'third-party-feed',
    usage: 'sign-verify',
    rotationDays: 365,
    overlapDays: 90,
    allow: {
      'third-party-api': ['sign', 'getPublicKey'],
      'third-party-feed': ['sign', 'getPublicKey'],
      auditor: ['getPublicKey'],
      'operator-cli': ['getPublicKey'],
    },
  },
  {
    // Signs what the grid operator is told. Who hands it out can't make any of it.
    id: 'operator-feed',
    usage: 'sign-verify',
    rotationDays: 365,
    overlapDays: 90,
    allow: { ems: ['sign', 'getPublicKey'], 'operator-api': ['getPublicKey'], auditor: ['getPublicKey'], 'operator-cli': ['getPublicKey'] },
  },
];

const ISSUES: readonly KmsOperation[] = ['sign', 'getPublicKey'];

/**
 * Keys of the deployed certification authority, one per kind of device: who enrols signs, and who renews a concentrator's
 * certificate. They change with the certificate of their sub-CA, by people and never by the clock. In one process the
 * authority is a folder of files.
 */
export const CA_KEYS: readonly KmsKey[] = [
  { id: 'ca-meter', usage: 'sign-verify', rotationDays: 7_300, overlapDays: 0, allow: { enrol: ISSUES, 'operator-cli': ['getPublicKey'] } },
  {
    id: 'ca-concentrator',
    usage: 'sign-verify',
    rotationDays: 7_300,
    overlapDays: 0,
    allow: { enrol: ISSUES, keys: ISSUES, 'operator-cli': ['getPublicKey'] },
  },
];
