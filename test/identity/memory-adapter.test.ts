import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryAdapter } from '../../platform/embedded/identity/memory-adapter.ts';
import { SessionWorld } from '../session/session-world.ts';

const HOUR_S = 3_600;

describe('what the provider keeps', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('T8.3-2: stays for its time, however many others came and went meanwhile', async () => {
    const sessions = memoryAdapter()('Session');
    await sessions.upsert('honest', { accountId: 'anna' }, 8 * HOUR_S);
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 6_000; i++) await sessions.upsert(`nobody-${round}-${i}`, {}, 600);
      vi.setSystemTime(Date.now() + 601_000);
    }
    expect(await sessions.find('honest')).toEqual({ accountId: 'anna' });
    expect(await sessions.find('nobody-3-5999')).toBeUndefined();
  });

  it('is no more than there is room for: the oldest goes', async () => {
    const sessions = memoryAdapter()('Session');
    for (let i = 0; i < 10_001; i++) await sessions.upsert(`one-${i}`, {}, HOUR_S);
    expect([await sessions.find('one-0'), await sessions.find('one-1')]).toEqual([undefined, {}]);
  });

  it('of a grant goes with it, and what is open beside it does not', async () => {
    const adapterOf = memoryAdapter();
    const [codes, open] = [adapterOf('AuthorizationCode'), adapterOf('Interaction')];
    for (const adapter of [codes, open]) await adapter.upsert('one', { grantId: 'a-grant' }, HOUR_S);
    await codes.revokeByGrantId('a-grant');
    expect([await codes.find('one'), await open.find('one')]).toEqual([undefined, { grantId: 'a-grant' }]);
  });
});

describe('a browser that nobody signed in with', () => {
  it('T8.3-2: is forgotten after ten minutes, and one that somebody signed in with is not', async () => {
    const world = await SessionWorld.open();
    try {
      const anna = await world.known('anna', { kind: 'customer', account: 'account-00001' });
      const [nobody, somebody] = [await world.browser(), await world.browser()];
      await somebody.signIn(anna);
      const end = async (browser: typeof nobody) => {
        const { text } = await browser.atProvider('/session/end');
        return /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
      };
      const confirm = async (browser: typeof nobody, xsrf: string) =>
        (await browser.atProvider('/session/end/confirm', { method: 'POST', form: { xsrf, logout: 'yes' } })).status;
      const [mine, theirs] = [await end(nobody), await end(somebody)];
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 });
      expect(await confirm(nobody, mine)).toBe(400);
      expect(await confirm(somebody, theirs)).toBe(303);
    } finally {
      vi.useRealTimers();
      await world.close();
    }
  });
});
