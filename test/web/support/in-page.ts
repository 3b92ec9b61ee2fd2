/** What tests ask inside a page, as text: this side of the tests knows no DOM. */

/** Waits for the end of the start: the marks of scripts that ran, and the reason of the refusal. */
export const OUTCOME = `new Promise((done) => {
  const look = () => {
    const { refused } = document.documentElement.dataset;
    if ('ran' in globalThis || refused !== undefined) done({ ran: globalThis.ran, refused });
    else requestAnimationFrame(look);
  };
  look();
})`;

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
