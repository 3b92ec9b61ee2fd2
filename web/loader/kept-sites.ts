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

/** A file of this site, past every cache; undefined when there is none to be had. */
export async function fetchFile(path: string): Promise<Uint8Array | undefined> {
  try {
    const response = await fetch(`/${path}`, { cache: 'no-store', credentials: 'omit', redirect: 'error' });
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  }
}
