import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataResolution } from '../../events/index.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { ACCOUNT, at, ConsentWorld, NOW, WINDOW } from './consent-world.ts';

const HOUR = 3_600_000;
const ORDER: readonly DataResolution[] = ['month', 'day', 'hour', 'interval'];
const CUTS = ['2026-10-24', '2026-10-25', '2026-10-26', '2026-10-27'].map(at);

const step = fc.oneof(
  {
    arbitrary: fc.record({ what: fc.constant('disclose' as const), resolution: fc.constantFrom(...ORDER), stranger: fc.boolean() }),
    weight: 6,
  },
  { arbitrary: fc.record({ what: fc.constant('narrow' as const), until: fc.constantFrom(...CUTS.slice(1)) }), weight: 2 },
  { arbitrary: fc.record({ what: fc.constant('revoke' as const) }), weight: 1 },
  { arbitrary: fc.record({ what: fc.constant('move out' as const), hour: fc.integer({ min: 1, max: 71 }) }), weight: 1 },
  { arbitrary: fc.record({ what: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 20 }) }), weight: 2 },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Ledger {
  until: number;
  tenantUntil: number;
  live: boolean;
  readonly seen: Map<string, number>;
}

/** Plays steps against the whole use case, and holds every answer against what the customer had said by then. */
async function play(steps: readonly Step[], seen: Map<string, number>): Promise<void> {
  const world = await ConsentWorld.make();
  const expiresAt = NOW + 40 * 24 * HOUR;
  const consent = await world.grant({ from: WINDOW.from, until: WINDOW.until, expiresAt });
  const ledger: Ledger = { until: WINDOW.until, tenantUntil: Number.POSITIVE_INFINITY, live: true, seen };
  for (const one of steps) await take(world, consent, one, ledger, expiresAt);
  const pages = world.recorded(consent).filter(({ type }) => type === 'DataDisclosed');
  for (const { data } of pages) expect(data).toMatchObject({ recipient: 'brightly', resolution: expect.not.stringMatching('interval') });
}

async function take(world: ConsentWorld, consent: string, one: Step, ledger: Ledger, expiresAt: number): Promise<void> {
  const isOver = () => !ledger.live || world.world.clock.now() >= expiresAt;
  if (one.what === 'wait') world.world.clock.advance(one.days * 24 * HOUR);
  if (one.what === 'revoke') {
    await world.consents.revoke({ account: ACCOUNT }, consent);
    ledger.live = false;
  }
  if (one.what === 'narrow' && !isOver() && one.until <= ledger.until) {
    await world.consents.narrow(world.signedIn(), consent, { until: one.until });
    ledger.until = one.until;
  }
  if (one.what === 'move out' && ledger.tenantUntil === Number.POSITIVE_INFINITY) {
    ledger.tenantUntil = WINDOW.from + one.hour * HOUR;
    await endTenancy(world.world.as('enrol'), 'home-1', ledger.tenantUntil);
  }
  if (one.what !== 'disclose') return;
  const window = { from: WINDOW.from, until: ledger.until };
  const answer = await world.ask(consent, { resolution: one.resolution, window, recipient: one.stranger ? 'another' : 'brightly' });
  ledger.seen.set(answer.outcome, (ledger.seen.get(answer.outcome) ?? 0) + 1);
  const isAllowed = !one.stranger && !isOver() && one.resolution !== 'interval';
  expect(answer.outcome).toBe(isAllowed ? 'disclosed' : 'refused');
  // One day longer than what is left is not given, whoever asks.
  const longer = { from: WINDOW.from, until: ledger.until + 24 * HOUR };
  expect((await world.ask(consent, { resolution: 'day', window: longer })).outcome).toBe('refused');
  if (answer.outcome === 'refused') return;
  const last = Math.min(ledger.until, ledger.tenantUntil) / 1000;
  for (const { rows } of answer.series)
    for (const { start, energyWh, quality } of rows) {
      expect(start).toBeGreaterThanOrEqual(WINDOW.from / 1000);
      expect(start).toBeLessThan(last);
      // 100 Wh a quarter-hour are this customer's, 300 the neighbour's.
      expect(energyWh).toBe(100 * quality.measured);
    }
  const slots = answer.series.flatMap(({ rows }) => rows).reduce((sum, { quality }) => sum + quality.measured, 0);
  if (one.resolution === 'hour') expect(slots).toBe((last * 1000 - WINDOW.from) / (HOUR / 4));
}

describe('grant, narrow, revoke, expire, move out and disclose in any order', () => {
  it('R9.3-4, T8-P7: every answer is what the customer allowed at that moment, of the customer’s own time', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => await play(steps, seen)),
      { numRuns: 40 },
    );
    expect(seen.get('disclosed')).toBeGreaterThan(20);
    expect(seen.get('refused')).toBeGreaterThan(20);
  });
});
