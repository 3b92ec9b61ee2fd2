import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DomainEvent, FrameColumns } from '../events/index.ts';
import { EventDatabase } from '../platform/embedded/event-database.ts';
import { EmbeddedEventStore } from '../platform/embedded/event-store.ts';
import { EmbeddedObjects } from '../platform/embedded/objects.ts';
import { EmbeddedQueues } from '../platform/embedded/queues.ts';
import type { NewCommit, StreamHead } from '../platform/ports/event-store.ts';
import { chainHash, type DataKey, emptyHead, sealCommit } from '../platform/store/commit.ts';
import { Keyring } from '../platform/store/keyring.ts';
import { MemoryKms } from '../test/support/memory-kms.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { atMost, median, type Result } from './measure.ts';

const FRAMES = 368;
const GROUP = 10;
const SEGMENTS = 8;
const AT = Date.UTC(2026, 0, 15);
const FILLED = filledColumns();

/** Durable appends of commits of 36 KB, ten per transaction: time and processor time per commit, and where it goes. */
export async function eventStore(rounds: number): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), 'joulekeep-bench-'));
  const database = new EventDatabase(join(directory, 'events.db'));
  const keyring = await warmKeyring();
  const clock = { now: () => AT };
  const kms = new MemoryKms().as('ingest');
  const objects = new EmbeddedObjects(join(directory, 'objects'), clock);
  const store = new EmbeddedEventStore({ principal: 'ingest', database, keyring, kms, objects, clock, defences: ALL_DEFENCES });
  const heads = await Promise.all(Array.from({ length: SEGMENTS }, (_, index) => store.head(`segment/0000${index}`)));
  await appendGroups(store, heads, 20);

  const before = process.cpuUsage();
  const start = performance.now();
  await appendGroups(store, heads, rounds);
  const wall = ((performance.now() - start) * 1000) / (rounds * GROUP);
  const cpu = process.cpuUsage(before);
  const sealing = sealingTime(rounds);
  const queue = await queueTime(directory, rounds);
  database.close();
  rmSync(directory, { recursive: true, force: true });
  return [
    atMost('append a commit of 36 KB, processor time', (cpu.user + cpu.system) / (rounds * GROUP), 'us/commit', 600),
    { name: 'append a commit of 36 KB, durable', value: wall, unit: 'us/commit' },
    { name: 'of which encode, seal and hash', value: sealing.seal, unit: 'us/commit' },
    { name: 'of which hash', value: sealing.hash, unit: 'us/commit' },
    { name: 'send, receive and delete a message of 60 KB, processor time', value: queue, unit: 'us/message' },
  ];
}

async function appendGroups(store: EmbeddedEventStore, heads: StreamHead[], groups: number): Promise<void> {
  for (let group = 0; group < groups; group++) {
    const waiting = Array.from({ length: GROUP }, (_, index) => {
      const place = (group * GROUP + index) % SEGMENTS;
      const appended = store.append(heads[place]!, newCommit());
      heads[place] = appended.head;
      return appended.durable;
    });
    await Promise.all(waiting);
  }
}

function sealingTime(rounds: number): { seal: number; hash: number } {
  const key: DataKey = { keyId: 'segment/00000/1768435200000', key: createSecretKey(randomBytes(32)) };
  const head = emptyHead('segment/00000');
  const commit = newCommit();
  const sealed = sealCommit(head, commit, key, AT);
  const seals: number[] = [];
  const hashes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    seals.push(timed(() => sealCommit(head, commit, key, AT)));
    hashes.push(timed(() => chainHash(sealed)));
  }
  return { seal: median(seals), hash: median(hashes) };
}

async function queueTime(directory: string, rounds: number): Promise<number> {
  const queues = new EmbeddedQueues(join(directory, 'queues.db'));
  const body = 'x'.repeat(60_000);
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: GROUP }, () => queues.send('telemetry', body)));
    const messages = await queues.receive('telemetry', GROUP);
    await queues.delete(messages.map(({ receipt }) => receipt));
  }
  const { user, system } = process.cpuUsage(before);
  queues.close();
  return (user + system) / (rounds * GROUP);
}

/** A keyring whose keys come from nowhere. */
async function warmKeyring(): Promise<Keyring> {
  const plaintext = () => Buffer.alloc(32, 7);
  const refuse = () => Promise.reject(new Error('not used here'));
  const kms = {
    generateDataKey: async () => ({ plaintext: plaintext(), wrapped: plaintext() }),
    encrypt: refuse,
    decrypt: async () => plaintext(),
    deriveSharedSecret: refuse,
    sign: refuse,
    generateMac: refuse,
    getPublicKey: refuse,
  };
  const keys = {
    get: async () => undefined,
    putIfAbsent: async <Row>(row: Row) => row,
    list: async () => [],
    destroyed: async () => [],
    destroy: async () => undefined,
  };
  return new Keyring({ keys, kms, clock: { now: () => AT } });
}

function newCommit(): NewCommit {
  const batch = { dcId: 'dc-1', sequence: 1, digest: Buffer.alloc(8) };
  const event: DomainEvent = { type: 'FramesAccepted', data: { batch, brokerTime: AT, frames: FILLED, duplicates: 0, slotsRepeated: 0 } };
  return { commitId: randomBytes(32), events: [event] };
}

/** Tags and chain heads are noise that no compression takes away; the rest the meters of a batch have in common. */
function filledColumns(): FrameColumns {
  const column = (width: number) => Buffer.alloc(FRAMES * width, width);
  const plaintext = column(64);
  for (let i = 0; i < FRAMES; i++) randomBytes(12).copy(plaintext, i * 64 + 12);
  return {
    count: FRAMES,
    member: column(2),
    header: column(20),
    tag: randomBytes(FRAMES * 4),
    plaintext,
    sizeClass: column(1),
    annotations: column(4),
    receivedAt: column(4),
  };
}

function timed(work: () => void): number {
  const start = performance.now();
  for (let count = 0; count < 10; count++) work();
  return (performance.now() - start) * 100;
}
