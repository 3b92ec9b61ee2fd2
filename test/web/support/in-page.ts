/** What tests ask inside a page, as text: this side of the tests knows no DOM. */

/** The start came to an end. */
export const STARTED = `'ran' in globalThis || document.documentElement.dataset.refused !== undefined`;

/** The marks of scripts that ran, and the reason of the refusal. */
export const OUTCOME = '({ ran: globalThis.ran, refused: document.documentElement.dataset.refused })';

/** The page is under a service worker that keeps the site. */
export const CONTROLLED = `(async () => {
  await navigator.serviceWorker.ready;
  if (navigator.serviceWorker.controller !== null) return;
  await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
})()`;

/** Tries to install the service worker again, and waits for the end of it. */
export const REGISTER_AGAIN = `navigator.serviceWorker.register('/sw.js').then(() => 'registered', () => 'refused')`;

/** Writes into the cache of the site as a script of the same origin could. */
export function tampered(path: string, text: string): string {
  return `(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      if ((await cache.match(${JSON.stringify(path)})) !== undefined) await cache.put(${JSON.stringify(path)}, new Response(${JSON.stringify(text)}));
    }
  })()`;
}

/** Whether this version of the portal is kept whole. */
export function isKept(version: number): string {
  return `caches.match('/manifest.jws', { cacheName: 'joulekeep-integrity-portal-${version}' }).then((found) => found !== undefined)`;
}

/** Names of the caches that are there. */
export const CACHES = 'caches.keys()';

/** Paths of everything in any cache. */
export const CACHED_PATHS = `caches.keys().then(async (names) => {
  const requests = await Promise.all(names.map(async (name) => await (await caches.open(name)).keys()));
  return requests.flat().map(({ url }) => new URL(url).pathname);
})`;

/** The lowest version of the portal that may start, as far as this device heard. */
export const MINIMUM_SEEN = `(async () => {
  const opened = indexedDB.open('joulekeep-integrity');
  await new Promise((done) => (opened.onsuccess = done));
  const read = opened.result.transaction('seen').objectStore('seen').get('portal');
  await new Promise((done) => (read.onsuccess = done));
  opened.result.close();
  return read.result.minVersion;
})()`;
