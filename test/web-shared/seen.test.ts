import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SeenDatabase } from '../../web/loader/seen.ts';

type Done = { onsuccess?: () => void; onupgradeneeded?: () => void; result?: unknown };

/** As much of IndexedDB as the loader uses; a transaction is complete when all of its requests are. */
function memoryDatabase(rows: Map<string, unknown>): unknown {
  const request = (result: unknown): Done => {
    const made: Done = { result };
    queueMicrotask(() => made.onsuccess?.());
    return made;
  };
  const store = {
    get: (name: string) => request(rows.get(name)),
    put: (value: unknown, name: string) => request(void rows.set(name, structuredClone(value))),
  };
  const transaction = () => {
    const made: { objectStore: () => typeof store; oncomplete?: () => void } = { objectStore: () => store };
    setTimeout(() => made.oncomplete?.());
    return made;
  };
  return { open: () => request({ transaction, createObjectStore: () => store, close: () => {} }) };
}

let rows: Map<string, unknown>;
beforeEach(() => {
  rows = new Map();
  vi.stubGlobal('indexedDB', memoryDatabase(rows));
});
afterEach(() => vi.unstubAllGlobals());

it('R9.2-5, C10.2-4: what a device saw of an application only rises, each number by itself and each application by itself', async () => {
  const seen = new SeenDatabase('portal');
  expect(await seen.read()).toEqual({ version: 0, minVersion: 0 });
  await seen.raise({ version: 7, minVersion: 3 });
  // As a newer release that can't be had whole is noted.
  await seen.raise({ version: 0, minVersion: 5 });
  expect(await seen.read()).toEqual({ version: 7, minVersion: 5 });
  await seen.raise({ version: 6, minVersion: 2 });
  expect(await new SeenDatabase('portal').read()).toEqual({ version: 7, minVersion: 5 });
  expect(await new SeenDatabase('console').read()).toEqual({ version: 0, minVersion: 0 });
  expect([...rows.keys()]).toEqual(['portal']);
});
