import { type ConsentCommand, consentDecider } from '../../domain/consent/consent.ts';
import type { ConsentState } from '../../domain/consent/consent-state.ts';
import type { DisclosureRequest } from '../../domain/consent/covers.ts';
import type { ConsentEvent, ConsentGranted } from '../../events/index.ts';
import { defencesUnderTest } from '../support/defences.ts';

export const HOUR = 3_600_000;
export const DAY = 86_400_000;
export const NOW = Date.UTC(2026, 0, 15, 10);
export const CONSENT = 'consent-0123456789';
export const decider = consentDecider(defencesUnderTest());

export const GRANTED: ConsentGranted = {
  consentId: CONSENT,
  account: 'acc-1',
  recipient: 'brightly',
  purpose: 'efficiency',
  dataClasses: ['usage'],
  resolution: 'day',
  from: NOW - 90 * DAY,
  until: NOW + 90 * DAY,
  usagePoints: ['point-1', 'point-2'],
  expiresAt: NOW + 365 * DAY,
  textHash: 'ab'.repeat(32),
  authTime: NOW - 60_000,
  authMethod: 'test',
  at: NOW,
};

export const REQUEST: DisclosureRequest = {
  recipient: 'brightly',
  dataClasses: ['usage'],
  resolution: 'day',
  from: NOW - 10 * DAY,
  until: NOW,
  usagePoints: ['point-1'],
};

/** Folds what was recorded, then decides. */
export function decided(given: readonly ConsentEvent[], command: ConsentCommand): readonly ConsentEvent[] {
  return decider.decide(command, given.reduce<ConsentState>(decider.evolve, decider.initial));
}

export function disclosing(request: Partial<DisclosureRequest>, at = NOW + HOUR): Extract<ConsentCommand, { type: 'Disclose' }> {
  return { type: 'Disclose', request: { ...REQUEST, ...request }, requestId: 'r-1', via: 'pull', rows: 10, hash: 'cd'.repeat(32), at };
}
