import { afterEach, expect, it, vi } from 'vitest';
import { wipeBrowser } from '../../web/shared/browser-kept.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A browser's stores, by name. */
function browserWith({ caches, databases }: { readonly caches: string[]; readonly databases: string[] }) {
  const left = { local: new Map([['a', '1']]), session: new Map([['b', '2']]), caches: new Set(caches), databases: new Set(databases) };
  vi.stubGlobal('localStorage', left.local);
  vi.stubGlobal('sessionStorage', left.session);
  vi.stubGlobal('caches', { keys: async () => [...left.caches], delete: async (name: string) => left.caches.delete(name) });
  vi.stubGlobal('indexedDB', {
    databases: async () => [...left.databases].map((name) => ({ name })),
    deleteDatabase: (name: string) => {
      left.databases.delete(name);
      const request = { onsuccess: () => {} };
      queueMicrotask(() => request.onsuccess());
      return request;
    },
  });
  return left;
}

it('C10.2-3, R9.2-5: signing out empties the browser and leaves the record of which application may start', async () => {
  const left = browserWith({ caches: ['a', 'joulekeep-integrity-portal-3'], databases: ['joulekeep', 'joulekeep-integrity', 'of-others'] });
  await wipeBrowser();
  expect([left.local.size, left.session.size, [...left.caches], [...left.databases]]).toEqual([
    0,
    0,
    ['joulekeep-integrity-portal-3'],
    ['joulekeep-integrity'],
  ]);
});
