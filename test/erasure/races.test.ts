import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consents } from '../../lambdas/consent/consents.ts';
import { erasureStanding, placeHold, releaseHold, requestErasure, withdrawErasure } from '../../lambdas/erasure/ask.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { accountOf, DAY_MS, ErasureTown } from './erasure-town.ts';

const ACCOUNT = accountOf(0);
let town: ErasureTown;
beforeEach(async () => {
  town = await ErasureTown.make();
  await town.days(1);
  await town.consent(0);
  await town.moveOut(0);
  await requestErasure(town.as('erasure'), ACCOUNT, { by: 'customer' });
  town.clock.advance(61 * DAY_MS);
}, 60_000);
afterEach(() => town.close());

/** The platform of an eraser before whose n-th call of the key table, or reading of a stream, somebody else does something. */
function meanwhile(n: number, act: () => Promise<unknown>): { readonly platform: Platform; readonly happened: () => boolean } {
  const { keys, events, ...rest } = town.as('erasure');
  let calls = 0;
  const turn = async () => {
    if (++calls === n) await act();
  };
  const behind = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      await turn();
      return await call(...args);
    };
  };
  async function* read(...args: Parameters<typeof events.read>) {
    await turn();
    yield* events.read(...args);
  }
  const platform: Platform = {
    ...rest,
    keys: {
      get: behind((id) => keys.get(id)),
      list: behind((prefix) => keys.list(prefix)),
      destroyed: behind((prefix) => keys.destroyed(prefix)),
      putIfAbsent: behind((row) => keys.putIfAbsent(row)),
      destroy: behind((id) => keys.destroy(id)),
    },
    events: new Proxy(events, {
      get: (target, name) => {
        if (name === 'read') return read;
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  };
  return { platform, happened: () => calls >= n };
}

/** What can't be taken back, and has been done. */
async function ended() {
  const owner = { role: 'customer', person: ACCOUNT } as const;
  const consents = await new Consents(town.as('consent'), defencesUnderTest()).list(ACCOUNT);
  const isBarred = await new Sessions({ ...town.as('session'), wall: town.clock }).isBarred(owner);
  const days = await town.as('archive').keys.list(`usage/${ACCOUNT}/`);
  return { consents: consents.filter(({ status }) => status !== 'granted').length, isBarred, daysGone: days.length === 0 };
}

const NOTHING = { consents: 0, isBarred: false, daysGone: false };
const status = async () => (await erasureStanding(town.as('erasure'), ACCOUNT)).state.status;

describe('somebody who thinks again while an erasure is under way', () => {
  it('C10.3-3: takes it back whole, or is told that it has begun, at whichever moment it is', async () => {
    for (let n = 1; ; n++) {
      let refused = '';
      const withdraw = () =>
        withdrawErasure(town.as('erasure'), ACCOUNT, 'customer').catch(({ code }: { code: string }) => (refused = code));
      const { platform, happened } = meanwhile(n, withdraw);
      expect((await town.erase(platform)).failed).toEqual([]);
      expect(happened()).toBe(true);
      if (refused !== '') {
        expect(refused).toBe('ERR_ERASURE_BEGUN');
        expect([await status(), await ended()]).toEqual(['erased', { consents: 1, isBarred: true, daysGone: true }]);
        expect(n).toBeGreaterThan(3);
        return;
      }
      expect([await status(), await ended()]).toEqual(['none', NOTHING]);
      await requestErasure(town.as('erasure'), ACCOUNT, { by: 'customer' });
      town.clock.advance(8 * DAY_MS);
    }
  }, 120_000);
});

describe('a legal hold that comes while an erasure is under way', () => {
  it('C10.3-3: keeps everything; where access is ending already, the days and bills', async () => {
    for (let n = 1; ; n++) {
      const named = { hold: `court-${n}`, legalBasis: 'an order of a court' };
      const { platform, happened } = meanwhile(n, () => placeHold(town.as('erasure'), ACCOUNT, named, 'ann'));
      expect((await town.erase(platform)).failed).toEqual([]);
      expect(happened()).toBe(true);
      if ((await status()) !== 'requested') {
        expect((await town.erase()).progress).toMatchObject([{ status: 'access-ended', waitsFor: 'hold' }]);
        expect(await ended()).toEqual({ consents: 1, isBarred: true, daysGone: false });
        expect(n).toBeGreaterThan(3);
        return;
      }
      expect(await ended()).toEqual(NOTHING);
      await releaseHold(town.as('erasure'), ACCOUNT, named.hold, 'bob');
    }
  }, 120_000);
});
