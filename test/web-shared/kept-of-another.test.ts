import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SessionToken } from '../../api/session.ts';
import { MemoryKept } from './memory-kept.ts';

const ORIGIN = 'https://localhost:7443';
const CONFIG = {
  application: 'portal',
  issuer: 'https://localhost:7444',
  clientId: 'portal',
  authorizationEndpoint: 'https://localhost:7444/auth',
  tokenEndpoint: 'https://localhost:7444/token',
  endSessionEndpoint: 'https://localhost:7444/end',
  passkeysPage: null,
  priceKeysRoot: '',
} as const;
const kept = vi.hoisted(() => ({ now: undefined as MemoryKept | undefined }));

vi.mock('../../web/shared/browser-kept.ts', () => ({
  browserKept: new Proxy({}, { get: (_, name) => Reflect.get(kept.now!, name).bind(kept.now) }),
  wipeBrowser: async () => {},
}));

/** Whom the provider finds there. */
let person: string;
let location: { origin: string; search: string; hash: string; assign: (url: string) => void };

beforeEach(() => {
  kept.now = new MemoryKept();
  const marks = new Map<string, string>();
  location = { origin: ORIGIN, search: '', hash: '', assign: () => {} };
  vi.stubGlobal('location', location);
  vi.stubGlobal('history', { replaceState: () => {} });
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => marks.get(name) ?? null,
    setItem: (name: string, value: string) => void marks.set(name, value),
    removeItem: (name: string) => void marks.delete(name),
  });
  vi.stubGlobal('fetch', async (url: string) =>
    Response.json(String(url) === CONFIG.tokenEndpoint ? { id_token: 'an-id-token' } : token()),
  );
});
afterEach(() => vi.unstubAllGlobals());

function token(): SessionToken {
  const instant = new Date(Date.now() + 600_000).toISOString();
  const who = { token: 'a-token', session: 's'.repeat(16), person, role: 'customer', method: 'passkey' } as const;
  return { ...who, signedInAt: instant, expiresAt: instant, endsAt: instant };
}

/** To the provider and back, by a question that anybody can answer who sits there. */
async function signInAs(who: string): Promise<void> {
  const { beginSignIn, completeSignIn } = await import('../../web/shared/browser.ts');
  person = who;
  location.assign = (url) => {
    location.search = `?code=a-code&state=${new URL(url).searchParams.get('state')}`;
  };
  await beginSignIn(CONFIG, { prompt: 'login' });
  expect((await completeSignIn(CONFIG)).state).toBe('signed-in');
}

it('C10.2-3: nothing stays of somebody whom the provider knows no longer', async () => {
  const { beginSignIn, completeSignIn, offlineStore } = await import('../../web/shared/browser.ts');
  await signInAs('anna');
  await offlineStore.put('bills', ['of anna'], 5);
  location.assign = (url) => {
    location.search = `?error=login_required&state=${new URL(url).searchParams.get('state')}`;
  };
  await beginSignIn(CONFIG, { prompt: 'none' });
  expect(await completeSignIn(CONFIG)).toMatchObject({ state: 'signed-out', reason: 'unknown' });
  expect([...kept.now!.values.keys()]).toEqual([]);
});

it('C10.2-3: who signs in where somebody else was finds nothing of theirs, and their own again', async () => {
  const { offlineStore } = await import('../../web/shared/browser.ts');
  await signInAs('anna');
  await offlineStore.put('bills', ['of anna'], 5);
  await signInAs('anna');
  expect(await offlineStore.get('bills')).toEqual({ value: ['of anna'], at: 5 });
  await signInAs('ben');
  expect(await offlineStore.get('bills')).toBeUndefined();
  await offlineStore.put('bills', ['of ben'], 6);
  await signInAs('anna');
  expect(await offlineStore.get('bills')).toBeUndefined();
});
