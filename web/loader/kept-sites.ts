import type { SiteStore } from '../../protocol/application/cached-site.ts';
import { MANIFEST_PATH } from '../../protocol/application/manifest.ts';
import { INTEGRITY_NAMES } from './names.ts';

/** Cache Storage with a cache for each version. What lies there is read as bytes and nothing else. */
export class KeptSites implements SiteStore {
  readonly #prefix: string;

  constructor(application: string) {
    this.#prefix = `${INTEGRITY_NAMES}-${application}-`;
  }

  async versions(): Promise<readonly number[]> {
    const names = (await caches.keys()).filter((name) => name.startsWith(this.#prefix));
    const versions: number[] = [];
    for (const name of names) {
      const version = Number(name.slice(this.#prefix.length));
      if (Number.isSafeInteger(version) && (await this.read(version, MANIFEST_PATH)) !== undefined) versions.push(version);
    }
    return versions.sort((a, b) => b - a);
  }

  async read(version: number, path: string): Promise<Uint8Array | undefined> {
    const response = await caches.match(`/${path}`, { cacheName: this.#name(version) });
    return response === undefined ? undefined : new Uint8Array(await response.arrayBuffer());
  }

  async paths(version: number): Promise<readonly string[]> {
    const cache = await caches.open(this.#name(version));
    return (await cache.keys()).map(({ url }) => new URL(url).pathname.slice(1));
  }

  async write(version: number, path: string, body: Uint8Array): Promise<void> {
    const cache = await caches.open(this.#name(version));
    await cache.put(`/${path}`, new Response(Uint8Array.from(body)));
  }

  async drop(version: number): Promise<void> {
    await caches.delete(this.#name(version));
  }

  #name(version: number): string {
    return `${this.#prefix}${version}`;
  }
}

/** Longer than a slow network takes for the largest file; whoever waits has an application to start. */
const WAIT_MS = 60_000;

/** A file of this site, past every cache; undefined when there is none to be had. @param look sees what it came with */
export async function fetchFile(path: string, look?: (headers: Headers) => void): Promise<Uint8Array | undefined> {
  try {
    const signal = AbortSignal.timeout(WAIT_MS);
    const response = await fetch(`/${path}`, { cache: 'no-store', credentials: 'omit', redirect: 'error', signal });
    if (!response.ok) return undefined;
    look?.(response.headers);
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    return undefined;
  }
}
