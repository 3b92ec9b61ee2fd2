import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConsentCommand } from '../../domain/consent/consent.ts';
import type { ConsentState } from '../../domain/consent/consent-state.ts';
import type { ConsentEvent, ConsentGranted, ConsentScope, DataResolution } from '../../events/index.ts';
import { CONSENT, DAY, decider, GRANTED, NOW, REQUEST } from './given.ts';

const ORDER: readonly DataResolution[] = ['month', 'day', 'hour', 'interval'];
const MOST = { 'bill-check': 0, efficiency: 1, 'load-shifting': 2, research: -1 } as const;
const POINTS = ['point-1', 'point-2', 'point-3'];

const purpose = fc.constantFrom('bill-check', 'efficiency', 'load-shifting', 'research' as const);
const resolution = fc.constantFrom(...ORDER);
const instant = fc.integer({ min: -120, max: 120 }).map((days) => NOW + days * DAY);
const points = fc.subarray(POINTS);
const classes = fc.subarray(['usage', 'generation'] as const);
const anyScope = fc.record({
  ...{ dataClasses: classes, resolution, usagePoints: points, from: instant, until: instant },
  expiresAt: fc.integer({ min: 1, max: 120 }).map((days) => NOW + days * DAY),
});
/** As a customer would have it: of something, and beginning before it ends. */
const broadScope = fc.record({
  ...{ dataClasses: fc.constant(['usage', 'generation'] as const), resolution, usagePoints: fc.constant(POINTS) },
  ...{ from: fc.constant(NOW - 100 * DAY), until: fc.constant(NOW + 100 * DAY), expiresAt: fc.constant(NOW + 40 * DAY) },
});
const scope = fc.oneof(anyScope, broadScope);
const recipient = fc.constantFrom('brightly', 'another');

/** What may be tried, in any order; how many days pass before. */
const step = fc.record({
  days: fc.integer({ min: 0, max: 8 }),
  what: fc.oneof(
    { arbitrary: fc.record({ type: fc.constant('grant' as const), scope, purpose, recipient }), weight: 4 },
    { arbitrary: fc.record({ type: fc.constant('narrow' as const), scope, within: fc.boolean() }), weight: 6 },
    { arbitrary: fc.record({ type: fc.constant('revoke' as const) }), weight: 1 },
    { arbitrary: fc.record({ type: fc.constant('expire' as const) }), weight: 2 },
    { arbitrary: fc.record({ type: fc.constant('disclose' as const), scope, recipient, within: fc.boolean() }), weight: 6 },
  ),
});

/** A ledger of its own: what the customer allows now, kept without the decider. */
interface Allowed extends ConsentScope {
  readonly usagePoints: readonly string[];
  readonly recipient: string;
  readonly purpose: ConsentGranted['purpose'];
}

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function commandOf({ what }: Step, at: number, allowed: Allowed | undefined): ConsentCommand {
  const signedIn = { authTime: at - 1, authMethod: 'test', at };
  switch (what.type) {
    case 'grant':
      return {
        ...{ type: 'GrantConsent', consentId: CONSENT, account: 'acc-1', textHash: GRANTED.textHash },
        ...{ recipient: what.recipient, purpose: what.purpose, ...what.scope, ...signedIn },
      };
    case 'narrow': {
      // Half of what is tried may widen: the decider has to say so.
      const base = allowed ?? what.scope;
      const {
        from,
        until,
        expiresAt,
        dataClasses,
        resolution: finest,
        usagePoints,
      } = what.within ? { ...base, ...lessOf(base, what.scope) } : what.scope;
      return { type: 'NarrowConsent', from, until, expiresAt, dataClasses, resolution: finest, usagePoints, ...signedIn };
    }
    case 'revoke':
      return { type: 'RevokeConsent', by: 'customer', at };
    case 'expire':
      return { type: 'ExpireConsent', at };
    case 'disclose': {
      const request = what.within && allowed !== undefined ? { ...what.scope, ...allowed } : { ...REQUEST, ...what.scope };
      const { dataClasses, resolution: wanted, from, until, usagePoints } = request;
      return {
        ...{ type: 'Disclose', requestId: 'r', via: 'pull', rows: 1, hash: GRANTED.textHash, at },
        request: { recipient: what.recipient, dataClasses, resolution: wanted, from, until, usagePoints },
      };
    }
  }
}

function lessOf(base: ConsentScope & { usagePoints: readonly string[] }, { until, usagePoints }: { until: number; usagePoints: string[] }) {
  return {
    until: Math.max(base.from + DAY, Math.min(until, base.until)),
    usagePoints: base.usagePoints.filter((one) => usagePoints.includes(one)),
  };
}

/** The ledger follows what was recorded as a lawyer would: only grants and narrowings give, ends take all. */
function followed(allowed: Allowed | undefined, event: ConsentEvent): Allowed | undefined {
  if (event.type === 'ConsentGranted') return event.data;
  if (event.type === 'ConsentNarrowed') return { ...allowed!, ...event.data };
  return event.type === 'ConsentRevoked' || event.type === 'ConsentExpired' ? undefined : allowed;
}

function isCovered(event: Extract<ConsentEvent, { type: 'DataDisclosed' }>, allowed: Allowed | undefined): boolean {
  const { data } = event;
  if (allowed === undefined) return false;
  const fine = ORDER.indexOf(data.resolution);
  return (
    data.recipient === allowed.recipient &&
    data.at < allowed.expiresAt &&
    allowed.from <= data.from &&
    data.from < data.until &&
    data.until <= allowed.until &&
    fine <= ORDER.indexOf(allowed.resolution) &&
    fine <= MOST[allowed.purpose] &&
    data.usagePoints.length > 0 &&
    new Set([...allowed.usagePoints, ...data.usagePoints]).size === allowed.usagePoints.length &&
    new Set([...allowed.dataClasses, ...data.dataClasses]).size === allowed.dataClasses.length
  );
}

interface Run {
  readonly events: readonly ConsentEvent[];
  readonly uncovered: readonly ConsentEvent[];
  readonly widened: readonly ConsentEvent[];
}

function run(steps: readonly Step[]): Run {
  let state: ConsentState = decider.initial;
  let allowed: Allowed | undefined;
  let at = NOW;
  const found: { events: ConsentEvent[]; uncovered: ConsentEvent[]; widened: ConsentEvent[] } = { events: [], uncovered: [], widened: [] };
  for (const one of steps) {
    at += one.days * DAY;
    let events: readonly ConsentEvent[] = [];
    try {
      events = decider.decide(commandOf(one, at, allowed), state);
    } catch (error) {
      expect((error as { code?: string }).code).toMatch(/^ERR_CONSENT_/);
    }
    for (const event of events) {
      if (event.type === 'DataDisclosed' && !isCovered(event, allowed)) found.uncovered.push(event);
      if (event.type === 'ConsentNarrowed' && (event.data.until > allowed!.until || event.data.from < allowed!.from))
        found.widened.push(event);
      state = decider.evolve(state, event);
      allowed = followed(allowed, event);
      found.events.push(event);
    }
  }
  return found;
}

describe('grant, narrow, revoke, expire and disclose in any order', () => {
  it('R9.3-4, T8-P7: nothing is disclosed without a consent that covers it at that moment, and nothing is widened', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 8, maxLength: 40 }), (steps) => {
        const { events, uncovered, widened } = run(steps);
        for (const { type } of events) seen.set(type, (seen.get(type) ?? 0) + 1);
        expect(uncovered).toEqual([]);
        expect(widened).toEqual([]);
      }),
      { numRuns: 1_500 },
    );
    // Nothing is proved where nothing happened.
    const types = ['ConsentGranted', 'ConsentNarrowed', 'ConsentRevoked', 'ConsentExpired', 'DataDisclosed', 'DisclosureRefused'];
    for (const type of types) expect([type, (seen.get(type) ?? 0) > 30]).toEqual([type, true]);
  });

  it('what is recorded folds to the same, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), fc.nat(30), (steps, cut) => {
        const { events } = run(steps);
        const whole = events.reduce<ConsentState>(decider.evolve, decider.initial);
        const half = events.slice(0, cut).reduce<ConsentState>(decider.evolve, decider.initial);
        expect(events.slice(cut).reduce<ConsentState>(decider.evolve, half)).toEqual(whole);
      }),
    );
  });
});
