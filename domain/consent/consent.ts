import {
  type ConsentEvent,
  type ConsentGranted,
  type ConsentNarrowed,
  type ConsentRequested,
  type ConsentRevoker,
  type ConsentScope,
  type DisclosureWay,
  JoulekeepError,
} from '../../events/index.ts';
import { type ConsentState, evolveConsent, type GrantedConsent, isAlike, UNKNOWN_CONSENT } from './consent-state.ts';
import { type ConsentRules, covers, type DisclosureRequest, isWithin } from './covers.ts';
import { isFiner, servesPurpose } from './purposes.ts';

export type ConsentCommand =
  | ({ readonly type: 'RequestConsent' } & ConsentRequested)
  | ({ readonly type: 'GrantConsent' } & ConsentGranted)
  | ({ readonly type: 'NarrowConsent' } & ConsentNarrowed)
  | { readonly type: 'RevokeConsent'; readonly by: ConsentRevoker; readonly at: number }
  | { readonly type: 'ExpireConsent'; readonly at: number }
  | DisclosePage
  | RefuseDisclosure;

/** A refusal that was given before anything was gathered: it is recorded, unless it no longer holds. */
export type RefuseDisclosure = { readonly type: 'RefuseDisclosure' } & Omit<DisclosePage, 'type' | 'rows' | 'hash'>;

/** Rows are about to leave. */
export interface DisclosePage {
  readonly type: 'Disclose';
  readonly request: DisclosureRequest;
  readonly requestId: string;
  readonly via: DisclosureWay;
  readonly rows: number;
  /** SHA-256 of the rows, hex. */
  readonly hash: string;
  readonly at: number;
}

const CONSENT_ID = /^[A-Za-z0-9_-]{16,64}$/;
const HASH = /^[0-9a-f]{64}$/;
/** 13 months of the longest kind: what a consent lasts at most. */
const LONGEST_MS = 397 * 86_400_000;
/** Data of the future that one grant may name. */
const AHEAD_MS = LONGEST_MS;
const REFUSAL_EVERY_MS = 60_000;
/** Usage points of one consent: its event stays small. */
const MOST_POINTS = 200;

/**
 * Decider of stream `consent/<id>`. `[]` means already done. A disclosure that no consent covers at that moment is decided as
 * DisclosureRefused, or as nothing where that is on record: there is no way to a DataDisclosed but through `covers`.
 * @throws ERR_CONSENT_INVALID, ERR_CONSENT_RESOLUTION, ERR_CONSENT_UNKNOWN, ERR_CONSENT_ENDED, ERR_CONSENT_WIDENED
 */
export function consentDecider(rules: ConsentRules) {
  return {
    initial: UNKNOWN_CONSENT,
    decide: (command: ConsentCommand, state: ConsentState): readonly ConsentEvent[] => decide(command, state, rules),
    evolve: evolveConsent,
  };
}

function decide(command: ConsentCommand, state: ConsentState, rules: ConsentRules): readonly ConsentEvent[] {
  switch (command.type) {
    case 'RequestConsent':
      return request(command, state, rules);
    case 'GrantConsent':
      return grant(command, state, rules);
    case 'NarrowConsent':
      return narrow(command, known(state));
    case 'RevokeConsent':
      return known(state).status === 'granted' ? [{ type: 'ConsentRevoked', data: { by: command.by, at: command.at } }] : [];
    case 'ExpireConsent': {
      const { status, expiresAt } = known(state);
      return status === 'granted' && command.at >= expiresAt ? [{ type: 'ConsentExpired', data: { at: command.at } }] : [];
    }
    case 'Disclose':
      return disclose(command, state, rules);
    case 'RefuseDisclosure':
      return refuse(command, state, rules);
    default:
      return never(command);
  }
}

function request({ type: _, ...data }: ConsentRequested & { type: string }, state: ConsentState, rules: ConsentRules): ConsentEvent[] {
  checkScope(data, data.purpose, data.at, rules);
  checkId(data.consentId);
  return state.status === 'unknown' ? [{ type: 'ConsentRequested', data }] : [];
}

/** What was requested can be granted, or less of it. */
function grant({ type: _, ...data }: ConsentGranted & { type: string }, state: ConsentState, rules: ConsentRules): ConsentEvent[] {
  if (state.status !== 'unknown' && state.status !== 'requested') {
    if (state.status === 'granted' && state.account === data.account && state.recipient === data.recipient) return [];
    throw new JoulekeepError('ERR_CONSENT_ENDED', `${data.consentId}: was granted before; a new consent has a new id`);
  }
  checkId(data.consentId);
  checkScope(data, data.purpose, data.at, rules);
  const { usagePoints, textHash, authTime, at } = data;
  if (usagePoints.length === 0 || usagePoints.length > MOST_POINTS || new Set(usagePoints).size !== usagePoints.length)
    throw invalid(`a consent names 1 to ${MOST_POINTS} usage points, each once`);
  if (!HASH.test(textHash)) throw invalid('the text agreed to is named by its SHA-256 in hex');
  if (authTime > at) throw invalid('the customer signs in before the consent is granted');
  if (state.status === 'requested') {
    if (state.recipient !== data.recipient || state.purpose !== data.purpose)
      throw invalid('recipient and purpose are not the ones that were requested');
    if (isWider(data, state)) throw widened(data.consentId);
  }
  return [{ type: 'ConsentGranted', data }];
}

function narrow({ type: _, ...data }: ConsentNarrowed & { type: string }, state: GrantedConsent): ConsentEvent[] {
  if (state.status !== 'granted' || data.at >= state.expiresAt)
    throw new JoulekeepError('ERR_CONSENT_ENDED', `${state.consentId}: has ended; a new consent has a new id`);
  if (isWider(data, state) || !isWithin(data.usagePoints, state.usagePoints)) throw widened(state.consentId);
  if (!(data.from < data.until)) throw invalid('a window begins before it ends; to end a consent, revoke it');
  return isWider(state, data) || !isWithin(state.usagePoints, data.usagePoints) ? [{ type: 'ConsentNarrowed', data }] : [];
}

function disclose(command: DisclosePage, state: ConsentState, rules: ConsentRules): ConsentEvent[] {
  const { request: wanted, requestId, via, rows, hash, at } = command;
  if (covers(state, wanted, at, rules) !== 'allowed') return refuse(command, state, rules);
  return [{ type: 'DataDisclosed', data: { ...wanted, requestId, via, rows, hash, at } }];
}

function refuse(command: Omit<RefuseDisclosure, 'type'>, state: ConsentState, rules: ConsentRules): ConsentEvent[] {
  const { request: wanted, requestId, via, at } = command;
  const why = covers(state, wanted, at, rules);
  // Where nobody granted anything there is nobody to tell, and nobody who asks makes a stream.
  if (why === 'allowed' || state.status === 'unknown' || state.status === 'requested') return [];
  const { recipient, resolution, from, until } = wanted;
  const refused = { recipient, requestId, via, why, resolution, from, until, at };
  const isRecorded = state.refusals.some((refusal) => isAlike(refusal, refused) && at - refusal.at < REFUSAL_EVERY_MS);
  return isRecorded ? [] : [{ type: 'DisclosureRefused', data: refused }];
}

function checkScope(scope: ConsentScope, purpose: ConsentGranted['purpose'], at: number, rules: ConsentRules): void {
  const { dataClasses, resolution, from, until, expiresAt } = scope;
  if (dataClasses.length === 0 || new Set(dataClasses).size !== dataClasses.length)
    throw invalid('a consent names classes of data, each once');
  if (!(from < until) || until > at + AHEAD_MS) throw invalid('a window begins before it ends, at most 13 months from now');
  if (!(expiresAt > at) || expiresAt > at + LONGEST_MS) throw invalid('a consent lasts, and at most 13 months');
  if (rules.purposeResolution && !servesPurpose(purpose, resolution))
    throw new JoulekeepError('ERR_CONSENT_RESOLUTION', `${purpose} gets no data by ${resolution}`);
}

/** Whether a scope allows anything that another one doesn't. */
function isWider(scope: ConsentScope, than: ConsentScope): boolean {
  return (
    scope.from < than.from ||
    scope.until > than.until ||
    scope.expiresAt > than.expiresAt ||
    isFiner(scope.resolution, than.resolution) ||
    !isWithin(scope.dataClasses, than.dataClasses)
  );
}

function checkId(consentId: string): void {
  if (!CONSENT_ID.test(consentId)) throw invalid('a consent id has 16 to 64 of A-Z, a-z, 0-9, dash and underline');
}

function known(state: ConsentState): GrantedConsent {
  if (state.status === 'unknown' || state.status === 'requested')
    throw new JoulekeepError('ERR_CONSENT_UNKNOWN', 'there is no such consent');
  return state;
}

function invalid(message: string): JoulekeepError {
  return new JoulekeepError('ERR_CONSENT_INVALID', message);
}

function widened(consentId: string): JoulekeepError {
  return new JoulekeepError('ERR_CONSENT_WIDENED', `${consentId}: can only be narrowed; for more ask for a new consent`);
}

function never(value: never): never {
  throw new JoulekeepError('ERR_COMMAND_UNKNOWN', JSON.stringify(value));
}
