import { NOTHING_SEEN, type Seen } from '../../protocol/application/manifest.ts';
import type { SeenStore } from '../../protocol/application/start.ts';
import { INTEGRITY_NAMES } from './names.ts';

const STORE = 'seen';

/** What a page and its service worker verified before, in IndexedDB. */
export class SeenDatabase implements SeenStore {
  readonly #application: string;

  constructor(application: string) {
    this.#application = application;
  }

  async read(): Promise<Seen> {
    return await this.#with('readonly', (store) => store.get(this.#application), seenOf);
  }

  async raise({ version, minVersion }: Seen): Promise<void> {
    const raised = (seen: Seen): Seen => ({
      version: Math.max(seen.version, version),
      minVersion: Math.max(seen.minVersion, minVersion),
    });
    // Read and written in one transaction: a page and a worker may raise at the same time.
    await this.#with('readwrite', (store) => {
      const read = store.get(this.#application);
      read.onsuccess = () => store.put(raised(seenOf(read.result)), this.#application);
      return read;
    });
  }

  async #with<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest, result?: (value: unknown) => T): Promise<T> {
    const database = await opened();
    try {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      await new Promise<void>((done, failed) => {
        transaction.oncomplete = () => done();
        transaction.onabort = () => failed(transaction.error);
      });
      return result?.(request.result) as T;
    } finally {
      database.close();
    }
  }
}

function seenOf(value: unknown): Seen {
  const { version, minVersion } = (value ?? NOTHING_SEEN) as Seen;
  return { version, minVersion };
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(INTEGRITY_NAMES, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}
