import { integrityOf } from '../../../protocol/application/bytes.ts';
import type { Keeper, SiteStore } from '../../../protocol/application/cached-site.ts';
import { MANIFEST_PATH, NOTHING_SEEN, type Seen } from '../../../protocol/application/manifest.ts';
import { type Page, type SeenStore, type Started, startApplication } from '../../../protocol/application/start.ts';
import { type Release, SIGNED_AT } from './release.ts';

class MemorySeen implements SeenStore {
  now: Seen = NOTHING_SEEN;

  async read(): Promise<Seen> {
    return this.now;
  }

  async raise({ version, minVersion }: Seen): Promise<void> {
    this.now = { version: Math.max(this.now.version, version), minVersion: Math.max(this.now.minVersion, minVersion) };
  }
}

/** Cache Storage in memory; tests write into it what they like. */
class MemorySites implements SiteStore {
  readonly caches = new Map<number, Map<string, Buffer>>();

  async versions(): Promise<readonly number[]> {
    return [...this.caches]
      .filter(([, files]) => files.has(MANIFEST_PATH))
      .map(([version]) => version)
      .sort((a, b) => b - a);
  }

  async read(version: number, path: string): Promise<Uint8Array | undefined> {
    return this.caches.get(version)?.get(path);
  }

  async paths(version: number): Promise<readonly string[]> {
    return [...(this.caches.get(version)?.keys() ?? [])];
  }

  async write(version: number, path: string, body: Uint8Array): Promise<void> {
    const files = this.caches.get(version) ?? new Map<string, Buffer>();
    this.caches.set(version, files.set(path, Buffer.from(body)));
  }

  async drop(version: number): Promise<void> {
    this.caches.delete(version);
  }
}

/**
 * A customer's device without a browser around it: loader and keeper as they are, and of a browser that it runs a script only if its bytes
 * have the hash that was demanded.
 */
export class Device {
  readonly seen = new MemorySeen();
  readonly sites = new MemorySites();
  /** Scripts that ran, as text. */
  readonly ran: string[] = [];
  readonly styles: string[] = [];
  config: unknown;
  /** Its clock, UTC ms. */
  now = SIGNED_AT;
  /** What the server answers now; undefined: no network. */
  server: Release | undefined;
  /** Asked instead of the server, for servers that change their mind. */
  answers: ((path: string) => Buffer | undefined) | undefined;

  constructor(server: Release) {
    this.server = server;
  }

  /** A start that asks the server for everything. */
  async start(settings = this.server!.settings): Promise<Started> {
    return await startApplication(
      settings,
      this.#page((path) => this.#ask(path)),
    );
  }

  /** A start of what is kept, as the service worker serves it. */
  async startKept(manifestVersion: number, settings: Release['settings'], isOffline = false): Promise<Started> {
    return await startApplication(
      settings,
      this.#page(async (path) => await this.sites.read(manifestVersion, path), isOffline),
    );
  }

  keeper(settings: Release['settings']): Keeper {
    return { settings, store: this.sites, seen: this.seen, fetch: (path) => this.#ask(path), now: () => this.now };
  }

  async #ask(path: string): Promise<Uint8Array | undefined> {
    if (this.answers !== undefined) return this.answers(path);
    return path === MANIFEST_PATH ? this.server && Buffer.from(this.server.manifest) : this.server?.files.get(path);
  }

  #page(fetch: (path: string) => Promise<Uint8Array | undefined>, isOffline = false): Page {
    return {
      seen: this.seen,
      now: () => this.now,
      isOffline: () => isOffline,
      fetch,
      add: async (kind, path, integrity) => {
        const body = await fetch(path);
        if (body === undefined || (integrity !== undefined && (await integrityOf(body)) !== integrity)) return false;
        (kind === 'script' ? this.ran : this.styles).push(Buffer.from(body).toString('utf8'));
        return true;
      },
      configure: (config) => {
        this.config = config;
      },
    };
  }
}
