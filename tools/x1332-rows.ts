/**
 * The 51 rows against which the product is proved: the 44 bullets of clauses 8, 9 and 10 of Recommendation ITU-T
 * X.1332, and 7 threats (`P`) that stand in its prose. The requirement is told in our own words.
 */
export interface Row {
  /** `T` threat, `R` requirement, `C` control; clause; number of the bullet, or `P` and a number of our own. */
  readonly id: string;
  readonly requirement: string;
  /** What answers it, planned or built. */
  readonly mechanism: string;
  readonly stage: Stage;
}

/** What brings the last piece of a row. A row is claimed when that is built, not before. */
export type Stage = keyof typeof STAGES;

export const STAGES = {
  built: '',
  life: 'comes with the life of personal data: erasure and its proof',
} as const;

/** row | stage | requirement | mechanism */
const TABLE = `
T8.1-1 | built | Whoever listens to the frequent meter traffic learns the habits of a home. | sealed frames in fixed size classes, sent on schedule
T8.1-2 | built | True meter data is held back and false data sent in its place; demand is misjudged and supply fails. | tag under a key of the meter and epoch, counters, gap requests, resend
T8.1-3 | built | The load profile stored in the meter is altered and the customer billed wrongly. | profile chain, daily signed seal, register check
T8.1-4 | built | Taken-over meters or concentrators flood the MDMS until it slows down or stops. | connection limits, token bucket per device, queue, bounded concurrency, quarantine group
T8.2-1 | built | Personal data is taken on the way to a third party or from its systems. | consent scope, certificate-bound tokens, pseudonyms per recipient, fewest fields
T8.3-1 | built | A falsified real-time price makes customers, or their appliances, use energy at the wrong time. | signed price chain, sequence, expiry, tariff band, pinned key
T8.3-2 | built | Taken-over customer devices flood the energy usage information system. | rate rules, throttles, cached read models, apart from ingest
T8.3-3 | built | Personal data is taken on the network or on the customer's own device. | TLS only, short tokens bound to a key, no personal data in URLs, logs, caches
T8-P1 | built | Recorded meter data is played again. | exact window per meter and epoch, slots counted once
T8-P2 | built | The network between meter and MDMS may be open or closed; the service is safe on either. | an end-to-end layer that asks nothing of the link
T8-P3 | built | Malicious code runs on a data concentrator. | a concentrator holds no key to what it relays
T8-P4 | built | Load control is abused and damages customers. | no switching command exists; a meter obeys a list of downlink types and no other
T8-P5 | built | Malware on the customer's phone reaches the service. | integrity loader, sessions bound to a key, step-up for consent
T8-P6 | built | Invalid metering leads to wrong demand decisions. | validation before the operator's feed, share of measured values in it
T8-P7 | built | A third party infers what a household does from fine-grained data. | finest resolution per purpose
R9.1-1 | built | Data between meter and MDMS is confidential from end to end. | keys that only the handshake and ingest functions may use
R9.1-2 | built | Messages between meter and MDMS keep their integrity from end to end. | 16-byte tag over content and whole header
R9.1-3 | built | Metering data and secrets stored in meter, concentrator and MDMS are protected. | wrapped keys, encrypted bodies, a spool of sealed frames only
R9.1-4 | built | The sender of every metering transaction is authentic. | owner of the key = meter in the header; identity of the certificate bound to its topics
R9.2-1 | built | Data between customer and utility is confidential. | TLS 1.2 at least, no plain listener
R9.2-2 | built | Messages between customer and utility keep their integrity. | TLS, and signatures on prices, bills, manifests
R9.2-3 | built | The sender of every transaction between customer and utility is authentic. | server certificate, signed payloads, key-bound tokens
R9.2-4 | built | What is stored on the customer's device and at the utility is protected. | keys that cannot be exported, keys per subject, one partition per customer
R9.2-5 | built | Applications on the customer's device are what was published. | signed manifest, verified at each start
R9.3-1 | built | Data between MDMS and third party is confidential. | private link, mutual TLS
R9.3-2 | built | Messages between MDMS and third party keep their integrity. | signed exports: count, window, list of hashes
R9.3-3 | built | The sender of every transaction with a third party is authentic. | certificate-bound tokens
R9.3-4 | built | Personal data goes to a third party only for the disclosed purpose and with consent. | consent stream, decided at delivery
R9.3-5 | built | A service that does not need personal data gets none. | gated aggregates only, types without identifiers
R9.4-1 | built | Data between MDMS and power system operator is confidential. | VPN or leased line, mutual TLS
R9.4-2 | built | Messages between MDMS and operator keep their integrity. | signed snapshots with sequence and hash of the one before
R9.4-3 | built | Only authorised entities reach the interface between MDMS and operator. | private API, one CA, one client
R9.4-4 | built | The operator gets no personal data. | the aggregator has no path to customer data; a gate on small groups
C10.1-1 | built | Access to metering data is controlled in meter, concentrator and MDMS. | device policies, relay assignment, least privilege
C10.1-2 | built | Meter and MDMS authenticate each other. | X.509 on both sides, a handshake signed on both sides
C10.1-3 | built | Usage data in transfer carries message authentication codes. | GCM tag on frames; HMAC on key confirmation and service messages
C10.1-4 | built | Billing-related data is encrypted. | no clear mode exists
C10.1-5 | built | The MDMS detects damaged data and decrypts what is encrypted. | one decrypting stage, which records reason and hop
C10.1-6 | built | Keys are generated, agreed, stored and refreshed securely in meter, concentrator and MDMS. | key ladder, weekly epochs, rotation, destruction
C10.1-7 | built | Metering data stored in the MDMS is confidential and intact. | encrypted append-only commits, hash chain, signed checkpoints, locked archive
C10.1-8 | built | The MDMS withstands denial of service. | as T8.1-4; a frame that breaks a handler is set aside alone
C10.2-1 | built | Customer's device and utility use TLS or its like, authenticated on both sides, with authenticated data. | mutual TLS for headless devices, passkeys and key-bound tokens for people, signed payloads
C10.2-2 | built | Users are authenticated and see their own data only. | token to customer to premises, within the tenancy
C10.2-3 | built | Secrets and personal data are stored securely on the customer's device. | passkeys, keys that cannot be exported, wipe on sign-out
C10.2-4 | built | An application is checked for falsification whenever it runs. | loader at cold, warm and offline start
C10.3-1 | built | A leased line may keep strangers away from the connection to a third party. | PrivateLink or VPN, private API
C10.3-2 | built | The connection is secured as by a VPN, with mutual authentication and encryption. | VPN, mutual TLS, OAuth
C10.3-3 | built | Personal data used by a third party is protected over its whole life, and de-identified where it is not needed. | life-cycle machine, subject keys, pseudonyms, gate
C10.4-1 | built | A leased line should keep strangers away from the connection to the operator. | the operator link is mandatory in production
C10.4-2 | built | The connection to the operator is secured as by a VPN, with mutual authentication and authenticated, encrypted data. | VPN, mutual TLS, signed snapshots
C10.4-3 | built | Data for the operator is de-identified where identity is not needed. | aggregates only
`;

export const X1332_ROWS: readonly Row[] = TABLE.trim().split('\n').map(readRow);

function readRow(line: string): Row {
  const [id, stage, requirement, mechanism] = line.split(' | ');
  if (id === undefined || !isStage(stage) || requirement === undefined || mechanism === undefined) throw new Error(`no row: ${line}`);
  return { id, stage, requirement, mechanism };
}

function isStage(value: string | undefined): value is Stage {
  return value !== undefined && value in STAGES;
}

/** Ids of the rows that are claimed now. */
export function claimedRows(): readonly Row[] {
  return X1332_ROWS.filter(({ stage }) => stage === 'built');
}
