import { describe, expect, it } from 'vitest';
import { outlookOf } from '../../lambdas/account-api/outlook.ts';
import { type ChannelFacts, type DayFacts, dayOf, inputOf } from '../billing/given-period.ts';

const PERIOD = { from: '2026-06-01', until: '2026-06-08' };
const MEASURED: ChannelFacts = { slot: () => 100 };
const ESTIMATED: ChannelFacts = { slot: () => ({ counts: 100, source: 'E2' }) };
const ONE_SLOT: ChannelFacts = { slot: (_, i) => (i === 7 ? { counts: 100, source: 'E2' } : 100) };
const DECIDED: ChannelFacts = { slot: () => ({ counts: 100, source: 'E11' }) };

function outlook(...given: readonly (readonly [ChannelFacts, DayFacts?])[]) {
  const days = given.map(([channel, facts], i) => dayOf(`2026-06-0${i + 1}`, [channel], facts));
  const [knownUntil, dueDay] = [`2026-06-0${given.length + 1}`, `2026-06-0${given.length}`];
  return outlookOf({ input: inputOf({ ...PERIOD, days }), period: PERIOD, knownUntil, dueDay, history: [] });
}

describe('the days of a period that is going on', () => {
  it('are closed on estimates where one interval is, and that is no reading', () => {
    expect(outlook([ESTIMATED], [ESTIMATED], [ESTIMATED])).toMatchObject({ daysKnown: 3, daysEstimated: 3, coverageBasisPoints: 0 });
    expect(outlook([MEASURED], [ONE_SLOT], [DECIDED])).toMatchObject({ daysKnown: 3, daysEstimated: 1 });
  });

  it('are none while they are not closed', () => {
    expect(outlook([MEASURED], [ESTIMATED, { revision: 0 }])).toMatchObject({ daysKnown: 1, daysEstimated: 0 });
  });
});
