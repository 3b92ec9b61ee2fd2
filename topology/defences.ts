/**
 * The mechanisms that defend, one switch each. All are on; nothing outside the tests ever passes another record
 * (a gate asserts it). `npm run trace -- --prove` switches them off one at a time and demands that a test of
 * each of the mechanism's rows goes red.
 */
export interface Defences {
  /** Frames leave on schedule, in size classes that no value influences. */
  readonly uniformTraffic: boolean;
  /** The MDMS asks again for slots that did not arrive. */
  readonly gapRequests: boolean;
  /** Token buckets per relay and meter; flooders are quarantined. */
  readonly rateLimits: boolean;
  /** A counter is accepted once per meter and epoch, a slot once per meter and channel. */
  readonly replayWindow: boolean;
  /** The 16-byte GCM tag of a frame is verified. */
  readonly frameTag: boolean;
  /** Readings travel sealed from meter to MDMS; a clear one is refused. */
  readonly sealedOnly: boolean;
  /** The meter obeys only downlink types on its list. */
  readonly downlinkAllowList: boolean;
  /** The meter verifies MAC and sequence of a downlink. */
  readonly downlinkMac: boolean;
  /** Keys are usable by the principals their policy names, and by nobody else. */
  readonly keyPolicies: boolean;
  /** Event bodies, keys and spools are stored sealed. */
  readonly sealedStorage: boolean;
  /** Meter days and bills lie under keys of their subject, which open only for who has access to that subject. */
  readonly subjectKeys: boolean;
  /** The broker evaluates the device policies of topology/device-access.ts. */
  readonly devicePolicies: boolean;
  /** Frames of a meter count only over relays assigned to it. */
  readonly relayAssignment: boolean;
  /** The MDMS verifies the meter's signature on HELLO. */
  readonly helloSignature: boolean;
  /** The meter verifies the MDMS's signature on ACCEPT. */
  readonly acceptSignature: boolean;
  /** Revoked certificates are refused, and their live sessions dropped. */
  readonly certificateStatus: boolean;
  /** An epoch becomes active only when a frame opened under it. */
  readonly keyConfirmation: boolean;
  /** Epoch secrets are destroyed 14 days after activation. */
  readonly epochDestruction: boolean;
  /** A frame that makes a handler fail is set aside alone. */
  readonly poisonIsolation: boolean;
  /** A meter's chain and daily seal are held against what it reported before a day counts as proven. */
  readonly profileSeal: boolean;
  /** What failed validation is not billable until it is estimated or accepted. */
  readonly billableHold: boolean;
  /** Every refusal records the hop at which the damage showed. */
  readonly hopRecorded: boolean;
  /** Who calls at a door is who a certificate and the registry say, and may what its role may. */
  readonly callerCertificates: boolean;
  /** A token of a third party works with the certificate alone to which it was issued. */
  readonly certificateBoundTokens: boolean;
  /** A consent is asked for when data leaves, page by page, as it stands then; not as it was when it was granted. */
  readonly consentAtDelivery: boolean;
  /** Customers get what is theirs: every id they name is looked up among their own. */
  readonly ownDataOnly: boolean;
  /** No purpose gets data finer than it needs. */
  readonly purposeResolution: boolean;
  /** A recipient sees pseudonyms of its own and of the period, never an id of the service. */
  readonly pseudonyms: boolean;
  /** An export carries a signed manifest: count, window, hash of every row. */
  readonly signedExports: boolean;
  /** A bulk file is encrypted to the recipient's public key. */
  readonly sealedExports: boolean;
  /** Published demand is held against the forecast and the feeder's head. */
  readonly demandDoubts: boolean;
  /** Energy of several customers is told when they pass the disclosure gate of domain/privacy. */
  readonly disclosureGate: boolean;
  /** What is told of areas, by any product, is made of cells that the ledger let out. */
  readonly releaseLedger: boolean;
  /** A customer's device verifies the signature of what it is told, by a key pinned for that purpose. */
  readonly priceSignature: boolean;
  /** It takes a chain only forward, link by link, or from a signed snapshot. */
  readonly priceSequence: boolean;
  /** It takes and shows prices within their time alone. */
  readonly priceExpiry: boolean;
  /** It takes a real-time price only within the band of the day-ahead tariff, which another key signed. */
  readonly priceBand: boolean;
  /** Keys in a browser can be used there and not be taken along; what it keeps for later lies sealed under one. */
  readonly browserStorage: boolean;
  /** It obeys only message and payload types on its list, within its customer's limits. */
  readonly customerLimits: boolean;
  /** Its program starts only as its signed manifest says, and never as an older one. */
  readonly programManifest: boolean;
  /** An application in a browser starts only by a manifest that was signed for it, and never by an older one. */
  readonly applicationManifest: boolean;
  /** Nothing of it is taken, from server or cache, but the bytes whose hash the manifest names. */
  readonly applicationFiles: boolean;
  /** Every item of a feed names the hash of the one before. */
  readonly feedChain: boolean;
  /** Every item of a feed is signed by the key of that feed alone. */
  readonly feedSignature: boolean;
  /** What is pushed carries a signature over its bytes, its time and its id. */
  readonly webhookSignature: boolean;
  /** Doors speak TLS from 1.2 on, with keys agreed for the connection and authenticated bytes, and nothing else. */
  readonly modernTls: boolean;
  /** A session's token works with proofs by the key that the sign-in named, and with no other. */
  readonly sessionBinding: boolean;
  /** A proof is used once, and soon after it was made. */
  readonly proofReplay: boolean;
  /** A sign-in for one application begins no session at the door of another. */
  readonly ownDoor: boolean;
  /** What the caller says who they are is judged by the issuer's signature, its time and its one use. */
  readonly signInProof: boolean;
  /** A session that goes on is not enough where the route asks for a sign-in of the last minutes. */
  readonly recentSignIn: boolean;
  /** A customer is answered about premises of a tenancy of their own that lasts, and about no others. */
  readonly ownPremises: boolean;
  /** What lies under keys of a customer who is erased is gone with those keys, everywhere. */
  readonly subjectErasure: boolean;
  /** Every commit has a place in one log, whose checkpoints are signed and lie elsewhere as well. */
  readonly merkleLog: boolean;
  /** What the key service says was opened is held, every night, against what functions recorded before they opened. */
  readonly accessReconciliation: boolean;
  /** Every hour what is stored is held against that log, and all of it within a month. */
  readonly logCheck: boolean;
}

export const ALL_DEFENCES: Defences = Object.freeze({
  uniformTraffic: true,
  gapRequests: true,
  rateLimits: true,
  replayWindow: true,
  frameTag: true,
  sealedOnly: true,
  downlinkAllowList: true,
  downlinkMac: true,
  keyPolicies: true,
  sealedStorage: true,
  subjectKeys: true,
  devicePolicies: true,
  relayAssignment: true,
  helloSignature: true,
  acceptSignature: true,
  certificateStatus: true,
  keyConfirmation: true,
  epochDestruction: true,
  poisonIsolation: true,
  profileSeal: true,
  billableHold: true,
  hopRecorded: true,
  callerCertificates: true,
  certificateBoundTokens: true,
  consentAtDelivery: true,
  ownDataOnly: true,
  purposeResolution: true,
  pseudonyms: true,
  signedExports: true,
  sealedExports: true,
  priceSignature: true,
  priceSequence: true,
  priceExpiry: true,
  priceBand: true,
  browserStorage: true,
  customerLimits: true,
  programManifest: true,
  applicationManifest: true,
  applicationFiles: true,
  feedChain: true,
  feedSignature: true,
  demandDoubts: true,
  disclosureGate: true,
  releaseLedger: true,
  webhookSignature: true,
  modernTls: true,
  sessionBinding: true,
  proofReplay: true,
  ownDoor: true,
  signInProof: true,
  recentSignIn: true,
  ownPremises: true,
  subjectErasure: true,
  merkleLog: true,
  accessReconciliation: true,
  logCheck: true,
});

/** Which control rows each mechanism carries; read by `npm run trace`. */
export const ROWS_OF_DEFENCE: Readonly<Record<keyof Defences, readonly string[]>> = {
  uniformTraffic: ['T8.1-1'],
  gapRequests: ['T8.1-2'],
  rateLimits: ['T8.1-4', 'C10.1-8', 'T8.3-2'],
  replayWindow: ['T8-P1'],
  frameTag: ['R9.1-2', 'T8-P2', 'T8-P3', 'C10.1-3', 'C10.1-5', 'T8.1-2'],
  sealedOnly: ['C10.1-4', 'T8-P2'],
  downlinkAllowList: ['T8-P4'],
  downlinkMac: ['C10.1-3'],
  keyPolicies: ['R9.1-1', 'R9.4-1'],
  sealedStorage: ['R9.1-3', 'C10.1-7'],
  subjectKeys: ['R9.1-3'],
  devicePolicies: ['R9.1-4', 'C10.1-1'],
  relayAssignment: ['C10.1-1'],
  helloSignature: ['C10.1-2'],
  acceptSignature: ['C10.1-2'],
  certificateStatus: ['C10.1-2'],
  keyConfirmation: ['C10.1-3'],
  epochDestruction: ['C10.1-6'],
  poisonIsolation: ['C10.1-8'],
  profileSeal: ['T8.1-3'],
  billableHold: ['T8-P6'],
  hopRecorded: ['C10.1-5'],
  callerCertificates: ['R9.4-1', 'R9.4-3', 'C10.3-1', 'C10.4-1', 'C10.4-2'],
  certificateBoundTokens: ['T8.2-1', 'R9.3-3', 'C10.3-2'],
  consentAtDelivery: ['R9.3-4'],
  ownDataOnly: ['C10.2-2', 'R9.2-4'],
  purposeResolution: ['T8-P7'],
  pseudonyms: ['T8.2-1', 'R9.3-5'],
  signedExports: ['R9.3-2'],
  sealedExports: ['R9.3-1'],
  demandDoubts: ['T8-P6'],
  disclosureGate: ['R9.4-4', 'C10.4-3', 'R9.3-5', 'C10.3-3'],
  releaseLedger: ['R9.4-4', 'C10.4-3'],
  priceSignature: ['T8.3-1', 'R9.2-2'],
  priceSequence: ['T8.3-1'],
  priceExpiry: ['T8.3-1'],
  priceBand: ['T8.3-1'],
  browserStorage: ['R9.2-4', 'C10.2-3'],
  customerLimits: ['T8-P4'],
  programManifest: ['R9.2-2'],
  applicationManifest: ['R9.2-5', 'C10.2-4', 'T8-P5'],
  applicationFiles: ['R9.2-5', 'C10.2-4', 'T8-P5'],
  feedChain: ['R9.4-2'],
  feedSignature: ['R9.2-2', 'R9.3-2', 'R9.4-2', 'C10.4-2'],
  webhookSignature: ['R9.3-2'],
  modernTls: ['R9.2-1', 'R9.4-1'],
  sessionBinding: ['C10.2-1', 'R9.2-3', 'T8.3-3'],
  proofReplay: ['R9.2-3'],
  ownDoor: ['C10.2-2'],
  signInProof: ['C10.2-1'],
  recentSignIn: ['T8-P5'],
  ownPremises: ['R9.2-4', 'C10.2-2'],
  subjectErasure: ['C10.3-3'],
  merkleLog: ['C10.1-7'],
  accessReconciliation: ['C10.1-1'],
  logCheck: ['C10.1-7'],
};
