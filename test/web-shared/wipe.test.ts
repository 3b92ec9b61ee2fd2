import { afterEach, describe, expect, it, vi } from 'vitest';
import { INTEGRITY_NAMES } from '../../web/loader/names.ts';
import { promptOf } from '../../web/shared/browser.ts';
import { wipeBrowser } from '../../web/shared/browser-kept.ts';
import { loadConfig } from '../../web/shared/config.ts';

afterEach(() => vi.unstubAllGlobals());

const storage = (...names: string[]) => {
  const left = new Set(names);
  return { left, clear: () => left.clear() };
};

/** What a browser keeps, by name alone. */
function browserWith(caches: readonly string[], databases: readonly string[]) {
  const left = { caches: new Set(caches), databases: new Set(databases), local: storage('mark'), session: storage('draft') };
  const deleted = (names: Set<string>, name: string) => names.delete(name);
  vi.stubGlobal('localStorage', left.local);
  vi.stubGlobal('sessionStorage', left.session);
  vi.stubGlobal('caches', { keys: async () => [...left.caches], delete: async (name: string) => deleted(left.caches, name) });
  vi.stubGlobal('indexedDB', {
    databases: async () => [...left.databases].map((name) => ({ name })),
    deleteDatabase(name: string) {
      deleted(left.databases, name);
      const request: { onsuccess?: () => void } = {};
      queueMicrotask(() => request.onsuccess?.());
      return request;
    },
  });
  return left;
}

describe('signing out', () => {
  it('C10.2-3: leaves nothing of a person, by whatever name it lies there', async () => {
    const left = browserWith(['prices', 'views'], ['joulekeep', 'another']);
    await wipeBrowser();
    expect([...left.caches, ...left.databases, ...left.local.left, ...left.session.left]).toEqual([]);
  });

  it('R9.2-5, C10.2-4, I8: leaves what the loader remembers, without which an older application would start', async () => {
    const left = browserWith([`${INTEGRITY_NAMES}-portal-7`, 'prices'], ['joulekeep', INTEGRITY_NAMES]);
    await wipeBrowser();
    expect([...left.caches, ...left.databases]).toEqual([`${INTEGRITY_NAMES}-portal-7`, INTEGRITY_NAMES]);
  });
});

describe('signing in', () => {
  it('T8.3-3, C10.2-3: asks who is there after a sign-out, whatever the provider still knows', () => {
    expect(promptOf(undefined, false)).toEqual({ prompt: 'login' });
    expect(promptOf(undefined, true)).toEqual({});
    expect(promptOf('none', true)).toEqual({ prompt: 'none' });
    expect(promptOf('login', true)).toEqual({ prompt: 'login' });
  });
});

describe('settings of an application', () => {
  it('R9.2-5: are the verified ones, and are not asked for again', async () => {
    const asked = vi.fn(async () => Response.json({ issuer: 'https://evil.example' }));
    vi.stubGlobal('fetch', asked);
    vi.stubGlobal('joulekeepConfig', { issuer: 'https://identity.example' });
    expect((await loadConfig()).issuer).toBe('https://identity.example');
    vi.stubGlobal('joulekeepConfig', undefined);
    await expect(loadConfig()).rejects.toThrow('settings');
    expect(asked).not.toHaveBeenCalled();
  });
});
