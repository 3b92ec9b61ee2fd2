import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askedOf, startOf } from '../../web/loader/asked.ts';
import { fetchFile, KeptSites } from '../../web/loader/kept-sites.ts';

/** What Cache Storage does of what ours uses. */
class MemoryCaches {
  readonly #caches = new Map<string, Map<string, Response>>();

  async keys(): Promise<string[]> {
    return [...this.#caches.keys()];
  }

  async open(name: string) {
    const cache = this.#caches.get(name) ?? new Map<string, Response>();
    this.#caches.set(name, cache);
    return {
      keys: async () => [...cache.keys()].map((path) => ({ url: `https://portal.example${path}` })),
      put: async (path: string, response: Response) => void cache.set(path, response),
    };
  }

  async match(path: string, { cacheName }: { cacheName: string }): Promise<Response | undefined> {
    return this.#caches.get(cacheName)?.get(path)?.clone();
  }

  async delete(name: string): Promise<boolean> {
    return this.#caches.delete(name);
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('sites that a browser keeps', () => {
  let portal: KeptSites;
  beforeEach(() => {
    vi.stubGlobal('caches', new MemoryCaches());
    portal = new KeptSites('portal');
  });
  afterEach(() => vi.unstubAllGlobals());

  it('are those whose manifest is there, of this application alone, the newest first', async () => {
    for (const version of [9, 10, 2]) await portal.write(version, 'manifest.jws', bytes(`${version}`));
    await portal.write(11, 'index.html', bytes('begun, and never whole'));
    await new KeptSites('console').write(12, 'manifest.jws', bytes('another'));
    for (const name of ['joulekeep-integrity-portal-x', 'joulekeep-integrity-portal-1.5', 'somebody-else'])
      await (await caches.open(name)).put('/manifest.jws', new Response('x'));
    expect(await portal.versions()).toEqual([10, 9, 2]);
  });

  it('give back the bytes that were written, of the version that is asked for', async () => {
    const body = Uint8Array.from([0, 255, 13, 10, 239, 187, 191]);
    await portal.write(3, 'assets/a.js', body);
    await portal.write(4, 'assets/a.js', bytes('other'));
    expect(await portal.read(3, 'assets/a.js')).toEqual(body);
    expect([await portal.read(3, 'assets/b.js'), await portal.read(5, 'assets/a.js')]).toEqual([undefined, undefined]);
    expect(await portal.paths(3)).toEqual(['assets/a.js']);
  });

  it('are gone when they are dropped, and the others stay', async () => {
    for (const version of [1, 2]) await portal.write(version, 'manifest.jws', bytes('x'));
    await portal.drop(1);
    expect(await portal.versions()).toEqual([2]);
  });
});

describe('a file from the server', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('R9.2-5: comes past every cache, without cookies, and from nowhere else', async () => {
    const asked = vi.fn(async (_path: string, _init: RequestInit) => new Response('body'));
    vi.stubGlobal('fetch', asked);
    expect(await fetchFile('assets/a.js')).toEqual(bytes('body'));
    expect(asked).toHaveBeenCalledWith('/assets/a.js', {
      ...{ cache: 'no-store', credentials: 'omit', redirect: 'error' },
      signal: expect.any(AbortSignal),
    });
  });

  it('is none where the server says no, sends elsewhere, or is not reached', async () => {
    vi.stubGlobal('fetch', async () => new Response('no', { status: 404 }));
    expect(await fetchFile('x')).toBeUndefined();
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('redirected');
    });
    expect(await fetchFile('x')).toBeUndefined();
  });
});

describe('what the service worker answers', () => {
  const ORIGIN = 'https://portal.example';
  const asked = (path: string, changed: object = {}) =>
    askedOf({ method: 'GET', mode: 'cors', url: new URL(path, ORIGIN).href, ...changed } as Request, ORIGIN);
  const page = { mode: 'navigate' };

  it('is the start of the application, and no other page', () => {
    expect([asked('/', page), asked('/index.html', page), asked('/?code=1#/bill', page)]).toEqual(Array(3).fill({ what: 'start' }));
    expect([asked('/oauth/authorize', page), asked('/assets/a.js', page)]).toEqual([undefined, undefined]);
  });

  it('is files of the site', () => {
    for (const path of ['assets/index-a.js', 'assets/deep/x.css', 'config.json', 'manifest.jws', 'sw.js'])
      expect(asked(`/${path}`)).toEqual({ what: 'file', path });
  });

  it.each<[string, string, object]>([
    ['a call of the API', '/v1/me/bills', {}],
    ['a call with a dot in it', '/v1/x.json', {}],
    ['a file that is written', '/config.json', { method: 'POST' }],
    ['a file of another site', 'https://evil.example/config.json', {}],
    ['a way out of the assets', '/assets/', {}],
    ['a question to a customer', '/oauth/consent/abc/request', {}],
  ])('is not %s', (_, path, changed) => {
    expect(asked(path, changed)).toBeUndefined();
  });

  it('R9.2-5: at a start is what is kept, the server’s where that was replaced, and nothing where it was tampered with', () => {
    expect(startOf({ manifest: {} })).toBe('kept');
    expect(startOf(undefined)).toBe('server');
    for (const refused of ['older-version', 'below-minimum'] as const) expect(startOf({ refused })).toBe('server');
    for (const refused of ['wrong-signature', 'unknown-key', 'file-altered', 'file-missing', 'malformed'] as const)
      expect(startOf({ refused })).toBe('refuse');
  });
});
