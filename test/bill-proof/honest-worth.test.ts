import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { Closer } from '../../lambdas/close-day/closer.ts';
import { recloseDays } from '../../lambdas/close-day/reclose.ts';
import { zeroTally } from '../../lambdas/close-day/tally.ts';
import { correctMultiplier } from '../../lambdas/register/correct-multiplier.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { accountOf, PERIOD, ProofWorld } from './proof-world.ts';

const HOME = 'home-1';
const DAY_MS = 86_400_000;
let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

describe('an honest bill', () => {
  it.each([
    ['once', [[12, 2]]],
    [
      'twice',
      [
        [6, 2],
        [12, 3],
      ],
    ],
    ['eleven times', Array.from({ length: 11 }, (_, i) => [1 + i, 2 + i])],
  ] as [string, [number, number][]][])(
    'R9.2-2: whose multiplier changes within a day, %s, is proved without a word',
    async (_often, changes) => {
      const days = world.platform.as('close-day');
      for (const [hour, multiplier] of changes) {
        const validFrom = Date.UTC(2026, 9, 24, 23 + hour);
        const correction = { meterId: '00124b0000000001', channel: 0, multiplier, validFrom, reason: 'CT', by: 'sue' };
        await correctMultiplier({ register: world.platform.as('enrol'), days }, HOME, correction);
        world.clock.advance(1000);
        await recloseDays(days, new Closer(days, defencesUnderTest()), zeroTally());
      }
      const outcomes: string[] = [];
      for (let look = 0; look < 2; look++) {
        const sources = await openBilling(world.platform.as('billing'), [accountOf(HOME)], PERIOD);
        const { events } = await billPeriod(sources, { account: accountOf(HOME), usagePoint: HOME, ...PERIOD });
        outcomes.push(...events.map(({ type, data }) => ('reasons' in data ? `${type} ${data.reasons}` : type)));
        world.clock.advance(40 * DAY_MS);
      }
      expect(outcomes).toEqual(['BillHeld review', 'BillRerated']);
      expect(await world.verdict(HOME)).toMatchObject({ bill: { revision: 2 }, seals: { onWord: [] }, binding: { onWord: [] } });
    },
  );
});
