import { type Keeper, keepNewest, openKept, readKept, startKept } from '../../protocol/application/cached-site.ts';
import { type ApplicationManifest, MANIFEST_PATH } from '../../protocol/application/manifest.ts';
import type { Refusal } from '../../protocol/application/start.ts';
import { contentTypeOf } from '../../topology/web-headers.ts';
import { askedOf, INDEX, startOf } from './asked.ts';
import { fetchFile, KeptSites } from './kept-sites.ts';
import { OFFLINE_HEADER } from './names.ts';
import { refusalText } from './refusal-text.ts';
import { SeenDatabase } from './seen.ts';
import { SETTINGS } from './settings.ts';
import type { AskedEvent, WorkerScope } from './worker-scope.ts';

const scope = globalThis as unknown as WorkerScope;

const keeper: Keeper = {
  settings: SETTINGS,
  store: new KeptSites(SETTINGS.application),
  seen: new SeenDatabase(SETTINGS.application),
  fetch: fetchFile,
  now: () => Date.now(),
};

/** The site of the last start: its files come from one version, whatever is kept meanwhile. */
let running: ApplicationManifest | 'from-server' | undefined;
/** It has expired, and no server answered at its start. */
let isOffline = false;

scope.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const kept = await keepNewest(keeper);
      if (typeof kept !== 'string') throw new Error(kept.refused);
      await scope.skipWaiting();
    })(),
  );
});

scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const asked = askedOf(request, scope.location.origin);
  if (asked?.what === 'start') event.respondWith(start(event));
  else if (asked?.what === 'file' && running !== 'from-server') event.respondWith(serve(request, asked.path));
});

/** Every start opens what is kept anew; meanwhile the server is asked whether there is something newer for the next one. */
async function start(event: AskedEvent): Promise<Response> {
  const kept = await startKept(keeper);
  event.waitUntil(keepNewest(keeper));
  isOffline = false;
  if (kept !== undefined && 'manifest' in kept) {
    running = kept.manifest;
    isOffline = kept.isOffline;
    return await answer(kept.manifest, INDEX);
  }
  running = 'from-server';
  if (kept !== undefined && startOf(kept) === 'refuse') return refusal(kept.refused);
  return await fetch(event.request).catch(() => refusal(kept?.refused ?? 'unreachable'));
}

async function serve(request: Request, path: string): Promise<Response> {
  if (running === undefined) {
    const kept = await openKept(keeper);
    running = kept !== undefined && 'manifest' in kept ? kept.manifest : 'from-server';
    // Woken up amid a start: what has expired was let start because no server answered.
    isOffline = running !== 'from-server' && keeper.now() >= running.validUntil;
  }
  const isKept = running !== 'from-server' && (path === MANIFEST_PATH || Object.hasOwn(running.files, path));
  return isKept ? await answer(running as ApplicationManifest, path) : await fetch(request);
}

async function answer(manifest: ApplicationManifest, path: string): Promise<Response> {
  const body = await readKept(keeper, manifest, path);
  if (body === undefined) return path === INDEX ? refusal('file-altered') : Response.error();
  const offline = path === MANIFEST_PATH && isOffline ? { [OFFLINE_HEADER]: '1' } : {};
  return new Response(Uint8Array.from(body), { headers: { ...headersOf(path), ...offline } });
}

function headersOf(path: string): Record<string, string> {
  return { ...SETTINGS.headers, 'content-type': contentTypeOf(path) ?? 'application/octet-stream' };
}

/** A page of text, with no script. */
function refusal(reason: Refusal): Response {
  const [first, second] = refusalText(scope.navigator.language);
  const head = `<!doctype html><html data-refused="${reason}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`;
  const body = `${head}<title>Joulekeep</title><main id="app" role="alert"><p>${first}</p><p>${second}</p><p>${reason}</p></main></html>`;
  return new Response(body, { status: 503, headers: headersOf(INDEX) });
}
