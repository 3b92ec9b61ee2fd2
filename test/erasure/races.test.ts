import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consents } from '../../lambdas/consent/consents.ts';
import { erasureStanding, placeHold, releaseHold, requestErasure, withdrawErasure } from '../../lambdas/erasure/ask.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { accountOf, DAY_MS, ErasureTown } from './erasure-town.ts';
import { meanwhile } from './meanwhile.ts';

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
      const { platform, happened } = meanwhile(town.as('erasure'), n, withdraw);
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
      const { platform, happened } = meanwhile(town.as('erasure'), n, () => placeHold(town.as('erasure'), ACCOUNT, named, 'ann'));
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
