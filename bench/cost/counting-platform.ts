import { encodeEvents } from '../../events/codec.ts';
import type { OperationCounts } from '../../platform/aws/operations.ts';
import type { EventStore, NewCommit, RecordedCommit, StreamHead } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { KmsOperation } from '../../topology/keys.ts';
import { ASSUMED } from './assumptions.ts';

const WRITE_UNIT = 1_024;
const READ_UNIT = 4_096;
const IOT_UNIT = 5 * 1_024;
const QUEUE_UNIT = 64 * 1_024;
/** Thing, principals, groups, certificate. */
const REGISTRY_CALLS = 4;
const READS_PER_BATCH = 100;
const WRITES_PER_BATCH = 25;

/** What was counted beside operations. */
export interface Stored {
  /** Bytes of commits in streams of segments. */
  segmentBytes: number;
}

/**
 * A platform that counts what its ports are asked for in the units that AWS bills: one request per call of a port, items by their size,
 * reads strongly consistent.
 */
export function countingPlatform(platform: Platform, counts: OperationCounts, stored: Stored): Platform {
  const { keys, directory, objects, queues, downlink, devices } = platform;
  const read = () => counts.count('dynamodb.read');
  const write = () => counts.count('dynamodb.write');
  return {
    ...platform,
    events: countingEvents(platform.events, counts, stored),
    keys: {
      get: before(read, (id) => keys.get(id)),
      list: before(read, (prefix) => keys.list(prefix)),
      destroyed: before(read, (prefix) => keys.destroyed(prefix)),
      putIfAbsent: before(write, (row) => keys.putIfAbsent(row)),
      destroy: before(write, (id) => keys.destroy(id)),
    },
    directory: {
      get: before(read, (key) => directory.get(key)),
      getMany: before(inBatches(counts, 'dynamodb.read', READS_PER_BATCH), (wanted) => directory.getMany(wanted)),
      put: before(inBatches(counts, 'dynamodb.write', WRITES_PER_BATCH), (entries) => directory.put(entries)),
      list: before(read, (prefix) => directory.list(prefix)),
    },
    objects: {
      put: before(
        () => counts.count('s3.put'),
        (key, body) => objects.put(key, body),
      ),
      get: before(
        () => counts.count('s3.get'),
        (key) => objects.get(key),
      ),
      delete: (key) => objects.delete(key),
      list: before(
        () => counts.count('s3.put'),
        (prefix) => objects.list(prefix),
      ),
      olderThan: before(
        () => counts.count('s3.put'),
        (prefix, instant) => objects.olderThan(prefix, instant),
      ),
    },
    queues: { send: before(sized(counts, 'sqs.request', QUEUE_UNIT), (queue, body) => queues.send(queue, body)) },
    downlink: { publish: before(sized(counts, 'iot.message', IOT_UNIT), (topic, payload) => downlink.publish(topic, payload)) },
    devices: {
      find: before(
        () => registryCalls(counts),
        (thing) => devices.find(thing),
      ),
      register: (device) => devices.register(device),
      issueCertificate: (thing, role, csr) => devices.issueCertificate(thing, role, csr),
      revoke: (fingerprint) => devices.revoke(fingerprint),
      setQuarantined: (thing, quarantined) => devices.setQuarantined(thing, quarantined),
    },
  };
}

/** A call of the key service; whoever opens a key has read its row first. */
export function countKeyCall(counts: OperationCounts, operation: KmsOperation): void {
  const isAsymmetric = operation === 'sign' || operation === 'deriveSharedSecret' || operation === 'getPublicKey';
  counts.count(isAsymmetric ? 'kms.asymmetric' : 'kms.symmetric');
  if (!isAsymmetric) counts.count('dynamodb.read');
}

/** The same call, noted first. */
function before<A extends readonly unknown[], R>(note: (...args: NoInfer<A>) => void, call: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    note(...args);
    return call(...args);
  };
}

function sized(counts: OperationCounts, kind: 'sqs.request' | 'iot.message', unit: number) {
  return (_to: string, body: string | Buffer) => counts.count(kind, chunks(Buffer.byteLength(body), unit));
}

function registryCalls(counts: OperationCounts): void {
  for (let call = 0; call < REGISTRY_CALLS; call++) counts.count('iot.registry');
}

function countingEvents(events: EventStore, counts: OperationCounts, stored: Stored): EventStore {
  /** Bytes of each stream's last commit: what the read of a head takes. */
  const last = new Map<string, number>();
  const append = (head: StreamHead, commit: NewCommit) => {
    const bytes = encodeEvents(commit.events).length + ASSUMED.commitOverheadBytes;
    counts.count('dynamodb.write', chunks(bytes, WRITE_UNIT));
    last.set(head.stream, bytes);
    if (head.stream.startsWith('segment/')) stored.segmentBytes += bytes;
  };
  return {
    read: (stream, fromVersion, access) => countedRead(events.read(stream, fromVersion, access), counts),
    head: (stream, subject) => {
      counts.count('dynamodb.read', chunks(last.get(stream) ?? 0, READ_UNIT));
      return events.head(stream, subject);
    },
    prepare: (subjects) => events.prepare(subjects),
    append: before(append, (head, commit) => events.append(head, commit)),
    rowsOf: (stream) => events.rowsOf(stream),
    streams: (prefix) => events.streams(prefix),
    anchor: before(
      () => counts.count('dynamodb.read'),
      (stream) => events.anchor(stream),
    ),
    isHot: (stream) => events.isHot(stream),
    trim: (head, body) => events.trim(head, body),
    archive: (streams) => events.archive(streams),
    sweep: () => events.sweep(),
  };
}

/** One query, by the bytes of what it gives. */
async function* countedRead(commits: AsyncIterable<RecordedCommit>, counts: OperationCounts): AsyncIterable<RecordedCommit> {
  let bytes = 0;
  for await (const commit of commits) {
    bytes += encodeEvents(commit.events).length + ASSUMED.commitOverheadBytes;
    yield commit;
  }
  counts.count('dynamodb.read', chunks(bytes, READ_UNIT));
}

function inBatches(counts: OperationCounts, kind: 'dynamodb.read' | 'dynamodb.write', most: number) {
  return (items: readonly unknown[]) => {
    for (let left = items.length; left > 0; left -= most) counts.count(kind, Math.min(left, most));
  };
}

/** Started units of a size, at least one. */
export function chunks(bytes: number, size: number): number {
  return Math.max(1, Math.ceil(bytes / size));
}
