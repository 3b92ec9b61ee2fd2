import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type ErrorCode, JoulekeepError } from '../../events/errors.ts';
import type { Appended, EventStore, NewCommit, StreamHead } from '../../platform/ports/event-store.ts';
import { EventsUnpublished, eventKey } from '../../platform/ports/events-unpublished.ts';
import type { Kms } from '../../platform/ports/kms.ts';
import type { Bus, Platform } from '../../platform/ports/platform.ts';

/** What one service of the outside world does to whoever calls it. */
export type Trouble =
  /** Every call fails at once. */
  | { readonly kind: 'down' }
  /** Of so many calls in a row one is answered. */
  | { readonly kind: 'throttled'; readonly oneIn: number }
  /** Every call takes so many ms more. */
  | { readonly kind: 'slow'; readonly ms: number };

export type Part = 'store' | 'keyService' | 'bus' | 'directory';

const CODES: Readonly<Record<Part, ErrorCode>> = {
  store: 'ERR_STORE_UNAVAILABLE',
  keyService: 'ERR_KMS_THROTTLED',
  bus: 'ERR_BUS_UNAVAILABLE',
  directory: 'ERR_STORE_UNAVAILABLE',
};

const METER_KEY = /^(route|epoch)\//;

/** Troubles that whoever tests sets and lifts while the service runs, and how often each part was called and refused. */
export class Faults {
  readonly troubles = new Map<Part, Trouble>();
  readonly calls = { store: 0, keyService: 0, bus: 0, directory: 0 };
  readonly refused = { store: 0, keyService: 0, bus: 0, directory: 0 };
  /** Looks for a meter outside a worker's memory: where it is, and which keys it has. */
  meterLookups = 0;

  set(part: Part, trouble: Trouble | undefined): void {
    if (trouble === undefined) this.troubles.delete(part);
    else this.troubles.set(part, trouble);
  }

  noteLookups(keys: readonly string[]): void {
    for (const key of keys) if (METER_KEY.test(key)) this.meterLookups++;
  }

  /** @throws JoulekeepError, retryable, when the part does not answer */
  check(part: Part): void {
    this.calls[part]++;
    const trouble = this.troubles.get(part);
    const fails = trouble?.kind === 'down' || (trouble?.kind === 'throttled' && this.calls[part] % trouble.oneIn !== 0);
    if (!fails) return;
    this.refused[part]++;
    throw new JoulekeepError(CODES[part], `the ${part} does not answer`, { retryable: true });
  }

  async through<T>(part: Part, work: () => Promise<T>): Promise<T> {
    this.check(part);
    await this.#delay(part);
    return await work();
  }

  async *each<T>(part: Part, items: () => AsyncIterable<T>): AsyncIterable<T> {
    this.check(part);
    await this.#delay(part);
    yield* items();
  }

  async #delay(part: Part): Promise<void> {
    const trouble = this.troubles.get(part);
    if (trouble?.kind === 'slow') await wait(trouble.ms);
  }
}

/** A platform whose parts do what `faults` says at that moment. */
export function faulty(platform: Platform, faults: Faults): Platform {
  const { directory, keys } = platform;
  const noted = <T>(names: readonly string[], work: () => Promise<T>): Promise<T> => {
    faults.noteLookups(names);
    return work();
  };
  return {
    ...platform,
    events: faultyStore(platform.events, faults),
    kms: faultyKms(platform.kms, faults),
    bus: faultyBus(platform.bus, faults),
    keys: {
      get: (id) => noted([id], () => keys.get(id)),
      list: (prefix) => noted([prefix], () => keys.list(prefix)),
      putIfAbsent: (row) => keys.putIfAbsent(row),
      destroy: (id) => keys.destroy(id),
      destroyed: (prefix) => keys.destroyed(prefix),
      ...(keys.endsByItself === undefined ? {} : { endsByItself: keys.endsByItself.bind(keys) }),
    },
    directory: {
      get: (key) => noted([key], () => faults.through('directory', () => directory.get(key))),
      getMany: (names) => noted(names, () => faults.through('directory', () => directory.getMany(names))),
      put: (entries) => faults.through('directory', () => directory.put(entries)),
      list: (prefix) => faults.each('directory', () => directory.list(prefix)),
    },
  };
}

/** A bus that does not answer names what is not published: all of it. */
function faultyBus(bus: Bus, faults: Faults): Bus {
  return {
    publish: async (events) => {
      try {
        faults.check('bus');
      } catch (error) {
        throw new EventsUnpublished(new Map(events.map((event) => [eventKey(event), error])));
      }
      await bus.publish(events);
    },
  };
}

export function faultyKms(kms: Kms, faults: Faults): Kms {
  const through = <T>(work: () => Promise<T>) => faults.through('keyService', work);
  return {
    generateDataKey: (keyId, context) => through(() => kms.generateDataKey(keyId, context)),
    encrypt: (keyId, plaintext, context) => through(() => kms.encrypt(keyId, plaintext, context)),
    decrypt: (keyId, wrapped, context) => through(() => kms.decrypt(keyId, wrapped, context)),
    deriveSharedSecret: (keyId, peer) => through(() => kms.deriveSharedSecret(keyId, peer)),
    sign: (keyId, message) => through(() => kms.sign(keyId, message)),
    generateMac: (keyId, message) => through(() => kms.generateMac(keyId, message)),
    getPublicKey: (keyId) => through(() => kms.getPublicKey(keyId)),
  };
}

function faultyStore(events: EventStore, faults: Faults): EventStore {
  const through = <T>(work: () => Promise<T>) => faults.through('store', work);
  return {
    append: (head, commit) => appended(faults, () => events.append(head, commit), head, commit),
    head: (stream, subject) => through(() => events.head(stream, subject)),
    rowsOf: (stream) => through(() => events.rowsOf(stream)),
    traceAt: (stream, version) => through(() => events.traceAt(stream, version)),
    latest: (stream) => through(() => events.latest(stream)),
    verify: (stream) => through(() => events.verify(stream)),
    anchor: (stream) => through(() => events.anchor(stream)),
    isHot: (stream) => through(() => events.isHot(stream)),
    trim: (head, body) => through(() => events.trim(head, body)),
    archive: (streams) => through(() => events.archive(streams)),
    sweep: () => through(() => events.sweep()),
    prepare: (subjects) => through(() => events.prepare(subjects)),
    read: (stream, from, access) => faults.each('store', () => events.read(stream, from, access)),
    evidence: (stream, from, access) => faults.each('store', () => events.evidence(stream, from, access)),
    streams: (prefix) => faults.each('store', () => events.streams(prefix)),
  };
}

/** As a store fails: the head is known at once, and that the commit is not durable only later. */
function appended(faults: Faults, append: () => Appended, head: StreamHead, { events }: NewCommit): Appended {
  try {
    faults.check('store');
  } catch (error) {
    const durable = Promise.reject(error);
    durable.catch(() => undefined);
    return { head: { ...head, version: head.version + events.length, hash: randomBytes(32) }, durable };
  }
  const done = append();
  const trouble = faults.troubles.get('store');
  if (trouble?.kind !== 'slow') return done;
  const durable = done.durable.then((outcome) => wait(trouble.ms, outcome));
  durable.catch(() => undefined);
  return { head: done.head, durable };
}
