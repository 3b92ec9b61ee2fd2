import { INTEGRITY_NAMES } from '../loader/names.ts';
import type { Kept } from './kept.ts';

const DATABASE = 'joulekeep';
const STORE = 'kept';

/** The browser's own database. Keys in it stay keys: their bytes are not to be had. */
export const browserKept: Kept = {
  get: (name) => run('readonly', (store) => store.get(name)),
  put: async (name, value) => void (await run('readwrite', (store) => store.put(value, name))),
  delete: async (name) => void (await run('readwrite', (store) => store.delete(name))),
  names: async () => (await run('readonly', (store) => store.getAllKeys())).map(String),
};

/**
 * Empties everything that this origin may keep in this browser of a person. What the loader keeps stays: it is nobody's, and without it an
 * older application could be put in place of this one. @source X.1332 10.2
 */
export async function wipeBrowser(): Promise<void> {
  localStorage.clear();
  sessionStorage.clear();
  for (const name of await caches.keys()) if (isPersonal(name)) await caches.delete(name);
  for (const { name } of await indexedDB.databases()) if (name !== undefined && isPersonal(name)) await deleteDatabase(name);
}

function isPersonal(name: string): boolean {
  return !name.startsWith(INTEGRITY_NAMES);
}

async function run<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await promised(ask(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return promised(request);
}

async function deleteDatabase(name: string): Promise<void> {
  await promised(indexedDB.deleteDatabase(name));
}

function promised<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'));
  });
}
