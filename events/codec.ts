import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { JoulekeepError } from './errors.ts';
import { type Framed, inPlanes, inRows } from './frame-columns.ts';
import type { DomainEvent } from './index.ts';
import { upcast } from './upcasters.ts';

/**
 * Every event type and the number of its schema. A type that is not here is refused on writing and passed on as it
 * is on reading: a reader of today meets facts of tomorrow after a roll-back of the program.
 */
export const EVENT_SCHEMAS: Readonly<Record<DomainEvent['type'], number>> = {
  MeterEnrolled: 1,
  SegmentAssigned: 1,
  RelayAssigned: 1,
  RelayUnassigned: 1,
  EpochProposed: 1,
  EpochRefused: 1,
  EpochActivated: 1,
  EpochClosed: 1,
  EpochDestroyed: 1,
  EpochOverdue: 1,
  MeterActivated: 1,
  CertificateRenewed: 1,
  CounterReused: 1,
  TamperReported: 1,
  MeterQuarantined: 1,
  MeterReleased: 1,
  MeterRetired: 1,
  RelayRegistered: 1,
  JunkCounted: 1,
  RelayThrottled: 1,
  RelayQuarantined: 1,
  RelayReleased: 1,
  MeterJoined: 1,
  MemberAmended: 1,
  MeterLeft: 1,
  FramesAccepted: 2,
  FramesHeld: 2,
  FramesRefused: 1,
  SlotConflict: 1,
  DownlinksIssued: 1,
  SegmentCheckpointed: 1,
  UsagePointOpened: 1,
  MeterInstalled: 1,
  MeterRemoved: 1,
  MultiplierCorrected: 1,
  SupplyDisconnected: 1,
  SupplyReconnected: 1,
  TenancyCut: 1,
  TenancyCorrected: 1,
  MoveRead: 1,
  TariffAssigned: 1,
  AccountOpened: 1,
  TenancyStarted: 1,
  TenancyEnded: 1,
  TenancyAmended: 1,
  PointStated: 1,
  AccountClosed: 1,
  DataAccessed: 1,
  AccessUnexplained: 1,
  KeyRecordDoubted: 1,
  AccessReconciled: 1,
  VerificationRequested: 1,
  SessionStarted: 1,
  SessionEnded: 1,
  SignInsRefused: 1,
  ReadingsCollected: 1,
  DayVerified: 1,
  ProfileChainBroken: 1,
  SealMismatch: 1,
  DayValidated: 1,
  SlotsEstimated: 1,
  EditProposed: 1,
  EditRejected: 1,
  SlotsEdited: 1,
  DayProvisional: 1,
  DayFinalized: 1,
  DayRestated: 1,
  DaySettled: 1,
  DayResealed: 1,
  ExceptionAssigned: 1,
  ForecastModelFitted: 1,
  ForecastIssued: 1,
  TariffPublished: 1,
  BillHeld: 1,
  BillHoldEnded: 1,
  BillComputed: 1,
  BillRerated: 1,
  RecipientRegistered: 1,
  CertificateAdded: 1,
  CertificateWithdrawn: 1,
  AreaPartitioned: 1,
  AreaDemandPublished: 1,
  AreaRevised: 1,
  AreaSuppressed: 1,
  AreaDoubted: 1,
  AreaForecastTold: 1,
  PriceZoneProposed: 1,
  PriceZoneApproved: 1,
  DayAheadPublished: 1,
  PricePublished: 1,
  PriceRefused: 1,
  DemandResponseProgramOpened: 1,
  DemandResponsePublished: 1,
  TablesReleased: 1,
  FeedItemIssued: 1,
  EndpointSet: 1,
  WebhookSet: 1,
  SealingKeySet: 1,
  RecipientSuspended: 1,
  RecipientResumed: 1,
  ConsentRequested: 1,
  ConsentGranted: 1,
  ConsentNarrowed: 1,
  ConsentRevoked: 1,
  ConsentExpired: 1,
  DataDisclosed: 1,
  DisclosureRefused: 1,
  ErasureRequested: 1,
  ErasureWithdrawn: 1,
  ErasureDeferred: 1,
  LegalHoldPlaced: 1,
  LegalHoldReleased: 1,
  AccessEndBegun: 1,
  SubjectAccessEnded: 1,
  KeyDestructionBegun: 1,
  SubjectKeysDestroyed: 1,
  ReadModelsCleared: 1,
  RecipientNotified: 1,
  SubjectErased: 1,
  ErasureCompleted: 1,
  EndpointEnded: 1,
  ItemsDelivered: 1,
  ItemDropped: 1,
  DeliveryFailed: 1,
  ItemsSetAside: 1,
  ReplayAsked: 1,
};

/** Columns of frames as they are in memory, or byte by byte as they compress (frame-columns.ts). */
export type ColumnForm = 'rows' | 'planes';

/** Largest encoded body of one commit, bytes: with envelope and tag it stays within 64 KiB. */
export const BODY_LIMIT = 65_024;

const SCHEMAS: ReadonlyMap<string, number> = new Map(Object.entries(EVENT_SCHEMAS));
/** Byte strings up to this length are copied out of the body, so that keeping a digest does not keep 36 KB alive. */
const OWNED_BYTES = 64;

const encoder = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true });

/**
 * CBOR of the events of one commit: an array of [type, schema, data]. Keys keep their order, numbers their shortest
 * form, bytes stay byte strings.
 * @param form how columns of frames lie in the body; for planes they must be whole
 * @throws ERR_EVENT_UNKNOWN for a type that is not in the contract
 * @throws ERR_COMMIT_TOO_LARGE over BODY_LIMIT
 */
export function encodeEvents(events: readonly DomainEvent[], form: ColumnForm = 'rows'): Buffer {
  const body = encoder.encode(
    events.map(({ type, data }) => [type, schemaOf(type), form === 'planes' && hasFrames(type) ? inPlanes(data as Framed) : data]),
  );
  if (body.length > BODY_LIMIT) throw new JoulekeepError('ERR_COMMIT_TOO_LARGE', `${body.length} bytes of events, ${BODY_LIMIT} allowed`);
  return body;
}

/**
 * Events of a body. Byte strings come back as Buffers; those over 64 bytes are views into `body`, but for columns that lay
 * in planes. The form is the one they were written in.
 * @throws ERR_EVENTS_UNREADABLE when the bytes are not such a body
 */
export function decodeEvents(body: Buffer, form: ColumnForm = 'rows'): DomainEvent[] {
  if (body.length > BODY_LIMIT) throw unreadable(`${body.length} bytes, ${BODY_LIMIT} allowed`);
  const entries = decodeCbor(body);
  if (!Array.isArray(entries)) throw unreadable('not an array');
  return entries.map((entry) => toEvent(entry, form));
}

function toEvent(entry: unknown, form: ColumnForm): DomainEvent {
  if (!Array.isArray(entry) || entry.length !== 3) throw unreadable('an entry is not [type, schema, data]');
  const [type, schema, data] = entry as unknown[];
  if (typeof type !== 'string' || typeof schema !== 'number') throw unreadable('an entry is not [type, schema, data]');
  return { type, data: upcast(type, schema, form === 'planes' && hasFrames(type) ? rowsOf(data) : data) } as DomainEvent;
}

function hasFrames(type: string): boolean {
  return type === 'FramesAccepted' || type === 'FramesHeld';
}

function rowsOf(data: unknown): Framed {
  const rows = inRows(data);
  if (rows === undefined) throw unreadable('columns of frames are of different lengths');
  return rows;
}

function schemaOf(type: string): number {
  const schema = SCHEMAS.get(type);
  if (schema === undefined) throw new JoulekeepError('ERR_EVENT_UNKNOWN', `event type ${type} is not in the contract`);
  return schema;
}

function decodeCbor(body: Buffer): unknown {
  const source = body.subarray();
  source.subarray = ownOrView;
  try {
    return decoder.decode(source);
  } catch (cause) {
    throw unreadable('not CBOR', cause);
  }
}

function ownOrView(this: Buffer, start?: number, end?: number): Buffer<ArrayBuffer> {
  const view = Buffer.prototype.subarray.call(this, start, end) as Buffer<ArrayBuffer>;
  return view.length <= OWNED_BYTES ? (Uint8Array.prototype.slice.call(view) as Buffer<ArrayBuffer>) : view;
}

function unreadable(why: string, cause?: unknown): JoulekeepError {
  return new JoulekeepError('ERR_EVENTS_UNREADABLE', `body of a commit: ${why}`, { cause });
}
