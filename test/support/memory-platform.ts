import { createHash } from 'node:crypto';
import { JoulekeepError } from '../../events/index.ts';
import { EmbeddedBus } from '../../platform/embedded/bus.ts';
import { type KeyRow, type KeyTable, leavesTombstone } from '../../platform/ports/key-table.ts';
import type { OutboundRequest, OutboundResult } from '../../platform/ports/outbound.ts';
import type {
  DeviceRegistry,
  Directory,
  Downlink,
  Log,
  LogFields,
  Platform,
  Queues,
  RegisteredDevice,
} from '../../platform/ports/platform.ts';
import { KEY_TABLE, type KeyTableOperation } from '../../topology/key-table.ts';
import type { Principal } from '../../topology/principals.ts';
import { QUEUES } from '../../topology/queues.ts';
import { MemoryCa } from './memory-ca.ts';
import { MemoryEventStore } from './memory-events.ts';
import { MemoryKms } from './memory-kms.ts';
import { MemoryModels } from './memory-models.ts';
import { MemoryObjects } from './memory-objects.ts';
import { MemoryWitness } from './memory-witness.ts';
import { SettableClock } from './settable-clock.ts';

const YEAR = 365 * 86_400_000;

/** A clock the test moves. */
export class ManualClock extends SettableClock {
  advance(milliseconds: number): void {
    this.set(this.now() + milliseconds);
  }
}

/**
 * A whole outside world in memory, for tests of use cases and handlers. `as(principal)` gives one function's view of it.
 * What a test asserts on is public: streams, key rows, queues, published parcels, log lines, KMS calls.
 */
export class MemoryWorld {
  readonly clock: ManualClock;
  readonly events: MemoryEventStore;
  readonly keys = new MemoryKeyTable();
  readonly kms: MemoryKms;
  readonly ca = new MemoryCa();
  readonly devices: MemoryDevices;
  readonly directory = new MemoryDirectory();
  readonly objects: MemoryObjects;
  readonly models = new MemoryModels();
  readonly queues = new Map<string, string[]>();
  readonly witness = new MemoryWitness();
  readonly published: { topic: string; payload: Buffer }[] = [];
  /** What was pushed to somebody else's address. */
  readonly posted: OutboundRequest[] = [];
  /** How the other side answers. */
  answer: (request: OutboundRequest) => OutboundResult | Promise<OutboundResult> = () => ({ failure: 'unreachable' });
  readonly logged: { level: string; message: string; fields: LogFields | undefined }[] = [];

  readonly #keyPolicies: boolean;

  constructor(options: { now?: number; keyPolicies?: boolean } = {}) {
    this.#keyPolicies = options.keyPolicies ?? true;
    this.clock = new ManualClock(options.now ?? Date.UTC(2026, 0, 15, 10));
    this.events = new MemoryEventStore(this.clock);
    this.objects = new MemoryObjects(this.clock);
    this.kms = new MemoryKms(options);
    this.devices = new MemoryDevices(this.ca, this.clock);
  }

  as(principal: string): Platform {
    const { clock, events, devices, directory, objects, witness } = this;
    const kms = this.kms.as(principal);
    const queues = this.#queues();
    const keys = this.#keyPolicies ? asPrincipal(this.keys, principal) : this.keys;
    return {
      principal,
      clock,
      events,
      models: this.models.as(principal),
      keys,
      kms,
      devices,
      directory,
      objects,
      witness,
      queues,
      bus: new EmbeddedBus(queues),
      downlink: this.#downlink(),
      outbound: {
        post: async (request) => {
          this.posted.push(request);
          return this.answer(request);
        },
      },
      log: this.#log(),
    };
  }

  /** Takes everything out of a queue. */
  drain(queue: string): string[] {
    const bodies = this.queues.get(queue) ?? [];
    this.queues.delete(queue);
    return bodies;
  }

  /** Takes everything that was published to a topic. */
  received(topic: string): Buffer[] {
    const taken = this.published.filter((message) => message.topic === topic).map((message) => message.payload);
    const left = this.published.filter((message) => message.topic !== topic);
    this.published.splice(0, this.published.length, ...left);
    return taken;
  }

  #queues(): Queues {
    return {
      send: async (queue, body) => {
        this.queues.set(queue, [...(this.queues.get(queue) ?? []), body]);
      },
      standing: async () => {
        const count = (queue: string) => this.queues.get(queue)?.length ?? 0;
        return QUEUES.map(({ name, deadLetter }) => ({ queue: name, waiting: count(name), failed: count(deadLetter) }));
      },
    };
  }

  #downlink(): Downlink {
    return {
      publish: async (topic, payload) => {
        if (payload.length > 128 * 1024) throw new JoulekeepError('ERR_PAYLOAD_TOO_LARGE', `${payload.length} bytes`);
        this.published.push({ topic, payload: Buffer.from(payload) });
      },
    };
  }

  #log(): Log {
    const at = (level: string) => (message: string, fields?: LogFields) => {
      this.logged.push({ level, message, fields });
    };
    return { info: at('info'), warn: at('warn'), error: at('error') };
  }
}

export class MemoryKeyTable implements KeyTable {
  readonly rows = new Map<string, KeyRow>();
  /** Calls of each method. */
  readonly calls = { get: 0, put: 0, list: 0, destroy: 0 };
  readonly #destroyed = new Set<string>();

  async get(id: string): Promise<KeyRow | undefined> {
    this.calls.get++;
    return this.rows.get(id);
  }

  async putIfAbsent(row: KeyRow): Promise<KeyRow> {
    this.calls.put++;
    const there = this.rows.get(row.id) ?? { ...row, wrapped: Buffer.from(row.wrapped) };
    this.rows.set(row.id, there);
    return there;
  }

  async list(prefix: string): Promise<readonly KeyRow[]> {
    this.calls.list++;
    return [...this.rows.values()].filter((row) => row.id.startsWith(prefix)).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async destroy(id: string): Promise<void> {
    this.calls.destroy++;
    this.rows.get(id)?.wrapped.fill(0);
    if (this.rows.delete(id) && leavesTombstone(id)) this.#destroyed.add(id);
  }

  async destroyed(prefix: string): Promise<readonly string[]> {
    return [...this.#destroyed].filter((id) => id.startsWith(prefix)).sort();
  }
}

/** The key table as topology/keys.ts lets one principal use it. */
function asPrincipal(table: KeyTable, principal: string): KeyTable {
  const allowed = (operation: KeyTableOperation, id: string): KeyTable => {
    const allow = KEY_TABLE.find(({ prefix }) => id.startsWith(prefix))?.allow[principal as Principal];
    if (allow?.includes(operation)) return table;
    throw new JoulekeepError('ERR_KEY_TABLE_ACCESS_DENIED', `${principal} may not ${operation} ${id}`);
  };
  return {
    get: async (id) => allowed('get', id).get(id),
    list: async (prefix) => allowed('list', prefix).list(prefix),
    destroyed: async (prefix) => allowed('list', prefix).destroyed(prefix),
    putIfAbsent: async (row) => allowed('put', row.id).putIfAbsent(row),
    destroy: async (id) => allowed('destroy', id).destroy(id),
  };
}

export class MemoryDirectory implements Directory {
  readonly entries = new Map<string, Buffer>();
  /** Look-ups so far, a `getMany` counted once per key. */
  lookups = 0;

  async get(key: string): Promise<Buffer | undefined> {
    this.lookups++;
    return this.entries.get(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    this.lookups += keys.length;
    return keys.map((key) => this.entries.get(key));
  }

  async put(entries: readonly { key: string; value: Buffer }[]): Promise<void> {
    for (const { key, value } of entries) this.entries.set(key, Buffer.from(value));
  }

  async *list(prefix: string): AsyncIterable<{ key: string; value: Buffer }> {
    for (const key of [...this.entries.keys()].sort()) if (key.startsWith(prefix)) yield { key, value: this.entries.get(key)! };
  }
}

/** The gateway's registry with a CA behind it: certificates issued here are attached and active until revoked. */
export class MemoryDevices implements DeviceRegistry {
  readonly things = new Map<string, RegisteredDevice>();
  readonly #ca: MemoryCa;
  readonly #clock: ManualClock;

  constructor(ca: MemoryCa, clock: ManualClock) {
    this.#ca = ca;
    this.#clock = clock;
  }

  async find(thing: string): Promise<RegisteredDevice | undefined> {
    return this.things.get(thing);
  }

  async certificateStatus(fingerprint: string): Promise<'active' | 'revoked' | undefined> {
    const all = [...this.things.values()].flatMap(({ certificates }) => certificates);
    return all.find((certificate) => certificate.fingerprint === fingerprint)?.status;
  }

  async register(device: RegisteredDevice): Promise<void> {
    const known = this.things.get(device.thing)?.certificates ?? [];
    const revoked = new Set(known.flatMap(({ fingerprint, status }) => (status === 'revoked' ? [fingerprint] : [])));
    const told = device.certificates.filter(({ fingerprint }) => !revoked.has(fingerprint));
    const others = known.filter(({ fingerprint }) => !told.some((certificate) => certificate.fingerprint === fingerprint));
    this.things.set(device.thing, { ...device, certificates: [...others, ...told] });
  }

  async issueCertificate(thing: string, role: RegisteredDevice['role'], csr: Buffer): Promise<Buffer> {
    const now = this.#clock.now();
    const options = { commonName: thing, notBefore: now - 60_000, notAfter: now + 5 * YEAR };
    const der = await this.#ca.issue(role, csr, options);
    this.attach(thing, role, der);
    return der;
  }

  /** Attaches a certificate made elsewhere. */
  attach(thing: string, role: RegisteredDevice['role'], der: Buffer, status: 'active' | 'revoked' = 'active'): void {
    const known = this.things.get(thing) ?? { thing, role, quarantined: false, certificates: [] };
    const others = known.certificates.filter((certificate) => certificate.fingerprint !== fingerprintOf(der));
    this.things.set(thing, { ...known, certificates: [...others, { fingerprint: fingerprintOf(der), der, status }] });
  }

  async revoke(fingerprint: string): Promise<void> {
    for (const [thing, device] of this.things) {
      const certificates = device.certificates.map((c) => (c.fingerprint === fingerprint ? { ...c, status: 'revoked' as const } : c));
      this.things.set(thing, { ...device, certificates });
    }
  }

  async setQuarantined(thing: string, quarantined: boolean): Promise<void> {
    const known = this.things.get(thing);
    if (known !== undefined) this.things.set(thing, { ...known, quarantined });
  }
}

/** SHA-256 of a certificate's DER, hex. */
export function fingerprintOf(der: Buffer): string {
  return createHash('sha256').update(der).digest('hex');
}
