import { randomBytes } from 'node:crypto';
import { account as accountDecider, type KnownAccount, tenancyOf } from '../../domain/account/account.ts';
import { type ConsentCommand, consentDecider } from '../../domain/consent/consent.ts';
import type { ConsentState, GrantedConsent } from '../../domain/consent/consent-state.ts';
import { codeOf } from '../../events/errors.ts';
import { type ConsentPurpose, type ConsentRevoker, type ConsentScope, JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ConsentWord, keepWord } from '../shared/kept-words.ts';
import { foldStream, runDecider, WarmStreams } from '../shared/streams.ts';
import { consentIdsOf, noteConsent } from './consent-index.ts';
import { consentStream, isConsentId } from './consent-stream.ts';
import { shownConsent } from './shown-consent.ts';

/** A customer who has signed in: whoever verified it says when and how. UTC ms. */
export interface SignedIn {
  readonly account: string;
  readonly authTime: number;
  /** e.g. `pwd+otp`, or `clerk` where a person of the utility did it on the customer's word. */
  readonly authMethod: string;
}

/** What the customer agreed to. Usage points that are absent: all that the account has now. */
export interface ConsentWish extends ConsentScope {
  /** Of a request before; a new one is made where absent. */
  readonly consentId?: string;
  readonly recipient: string;
  readonly purpose: ConsentPurpose;
  readonly usagePoints?: readonly string[];
  /** SHA-256 of the text shown, hex. */
  readonly textHash: string;
}

export type NarrowedScope = Partial<ConsentScope & { readonly usagePoints: readonly string[] }>;

type ConsentDefences = Pick<Defences, 'consentAtDelivery' | 'purposeResolution' | 'ownDataOnly'>;

const STREAMS_KEPT = 1_000;
/** Longest ago that a customer may have signed in for a change: what gives data away wants a fresh sign-in. */
const FRESH_MS = 15 * 60_000;

/** What customers do with their consents. Runs as the principal `consent`, which opens nobody's data. */
export class Consents {
  readonly #platform: Platform;
  readonly #decider: ReturnType<typeof consentDecider>;
  readonly #ownDataOnly: boolean;
  /** As they were when last looked at. What widens is decided by the stream alone. */
  readonly #shown = new WarmStreams<ConsentState>(STREAMS_KEPT);

  constructor(platform: Platform, defences: ConsentDefences) {
    this.#platform = platform;
    this.#decider = consentDecider(defences);
    this.#ownDataOnly = defences.ownDataOnly;
  }

  /** Notes what a recipient asks for, so that no more can be granted than was asked. @returns the id */
  async request(wish: Omit<ConsentWish, 'usagePoints' | 'textHash' | 'consentId'>): Promise<string> {
    const consentId = newConsentId();
    const { recipient, purpose } = wish;
    const at = this.#platform.clock.now();
    await this.#run(consentId, { type: 'RequestConsent', ...scopeOf(wish), recipient, purpose, consentId, at });
    return consentId;
  }

  /**
   * @returns the id
   * @throws ERR_CONSENT_PREMISES for a usage point that isn't the account's, ERR_SIGN_IN_STALE, ERR_ACCOUNT_UNKNOWN, ERR_ACCOUNT_CLOSED, and what
   * the decider throws
   */
  async grant(customer: SignedIn, wish: ConsentWish): Promise<string> {
    const { account, ...signedIn } = this.#fresh(customer);
    const consentId = wish.consentId ?? newConsentId();
    if (!isConsentId(consentId)) throw unknown();
    const usagePoints = pointsOf(await this.#openAccount(account), wish);
    const at = this.#platform.clock.now();
    // Where the process dies in between, the index names a consent that never was: nobody minds.
    await noteConsent(this.#platform.directory, account, consentId, wish.expiresAt);
    const { recipient, purpose, textHash } = wish;
    const granted = { ...scopeOf(wish), recipient, purpose, textHash, consentId, account, usagePoints };
    await this.#run(consentId, { type: 'GrantConsent', ...granted, ...signedIn, at });
    await this.#endWithAccount(account, consentId);
    return consentId;
  }

  /** What is absent stays. @throws ERR_CONSENT_UNKNOWN for another customer's, ERR_CONSENT_WIDENED, ERR_CONSENT_ENDED */
  async narrow(customer: SignedIn, consentId: string, scope: NarrowedScope): Promise<void> {
    const { authTime, authMethod } = this.#fresh(customer);
    const now = await this.of(customer.account, consentId);
    const narrowed = { ...scopeOf({ ...now, ...scope }), usagePoints: scope.usagePoints ?? now.usagePoints };
    await noteConsent(this.#platform.directory, customer.account, consentId, narrowed.expiresAt);
    const scoped = { ...narrowed, authTime, authMethod, at: this.#platform.clock.now() };
    await this.#takeBack(consentId, { type: 'NarrowConsent', ...scoped }, { said: 'narrowed', ...scoped });
  }

  /** @throws ERR_CONSENT_UNKNOWN for another customer's */
  async revoke(customer: Pick<SignedIn, 'account'>, consentId: string, by: ConsentRevoker = 'customer'): Promise<void> {
    await this.of(customer.account, consentId);
    const at = this.#platform.clock.now();
    await this.#takeBack(consentId, { type: 'RevokeConsent', by, at }, { said: 'revoked', by, at }, this.#shown);
  }

  /** All of a customer's, as an erasure wants it. @returns those that ended by it */
  async revokeAll(account: string, by: ConsentRevoker): Promise<readonly string[]> {
    const live = (await this.list(account)).filter(({ status }) => status === 'granted').map(({ consentId }) => consentId);
    for (const consentId of live) await this.revoke({ account }, consentId, by);
    return live;
  }

  /** Newest first, ended ones too. */
  async list(account: string): Promise<readonly GrantedConsent[]> {
    const found: GrantedConsent[] = [];
    for (const consentId of await consentIdsOf(this.#platform.directory, account)) {
      const state = await this.#fold(consentId);
      if (isGrantedBy(state, account)) found.push(state);
    }
    return found.sort((one, other) => other.at - one.at || (one.consentId < other.consentId ? -1 : 1));
  }

  /** @throws ERR_CONSENT_UNKNOWN, for another customer's as for none */
  async of(account: string, consentId: string): Promise<GrantedConsent> {
    const state = isConsentId(consentId) ? await this.#fold(consentId) : undefined;
    if (state === undefined || !isGranted(state)) throw unknown();
    if (this.#ownDataOnly && state.account !== account) throw unknown();
    return state;
  }

  /** Ends what has had its time. @returns whether it did so now */
  async expire(consentId: string): Promise<boolean> {
    const { status } = await this.#fold(consentId);
    if (status !== 'granted') return false;
    return (await this.#run(consentId, { type: 'ExpireConsent', at: this.#platform.clock.now() })) > 0;
  }

  #fresh(customer: SignedIn): SignedIn {
    const now = this.#platform.clock.now();
    if (customer.authTime > now || now - customer.authTime > FRESH_MS)
      throw new JoulekeepError('ERR_SIGN_IN_STALE', 'a consent is given or changed within 15 minutes of a sign-in');
    return customer;
  }

  /** Nobody could take back what is given when an account is closed. @throws ERR_ACCOUNT_UNKNOWN, ERR_ACCOUNT_CLOSED */
  async #openAccount(account: string): Promise<KnownAccount> {
    const { state } = await foldStream(this.#platform.events, `account/${account}`, accountDecider);
    if (state.status === 'unopened') throw new JoulekeepError('ERR_ACCOUNT_UNKNOWN', 'there is no such account');
    if (state.status === 'closed') throw new JoulekeepError('ERR_ACCOUNT_CLOSED', 'the account is closed: it gives nothing away any more');
    return state;
  }

  /** Whoever erases closes the account, and then ends its consents; here one is granted, and then the account looked at: one of both sees the other. */
  async #endWithAccount(account: string, consentId: string): Promise<void> {
    try {
      await this.#openAccount(account);
    } catch (error) {
      if (codeOf(error) === 'ERR_ACCOUNT_CLOSED') await this.revoke({ account }, consentId, 'utility');
      throw error;
    }
  }

  async #fold(consentId: string): Promise<ConsentState> {
    return await shownConsent(this.#platform, consentId, this.#shown);
  }

  async #run(consentId: string, command: ConsentCommand): Promise<number> {
    return (await runDecider(this.#platform.events, consentStream(consentId), this.#decider, command)).events.length;
  }

  /** The word first: a restore must not give back what somebody took, whatever the stream says. Of what is so already none is kept. */
  async #takeBack(consentId: string, command: ConsentCommand, word: ConsentWord, warm?: WarmStreams<ConsentState>): Promise<void> {
    const before = () => keepWord(this.#platform, 'consent', consentId, word);
    await runDecider(this.#platform.events, consentStream(consentId), this.#decider, command, warm, { before });
  }
}

/** A usage point can be named whose tenancy meets the window. @throws ERR_CONSENT_PREMISES */
function pointsOf(account: KnownAccount, { usagePoints, from, until }: ConsentWish): readonly string[] {
  const held = Object.keys(account.tenancies).filter((point) =>
    tenancyOf(account, point).some((span) => span.from < until && (span.until ?? Number.POSITIVE_INFINITY) > from),
  );
  const wanted = usagePoints ?? held;
  if (wanted.length === 0 || wanted.some((point) => !held.includes(point)))
    throw new JoulekeepError('ERR_CONSENT_PREMISES', 'a customer shares data of premises that are the customer’s within the window');
  return wanted;
}

function scopeOf({ dataClasses, resolution, from, until, expiresAt }: ConsentScope): ConsentScope {
  return { dataClasses, resolution, from, until, expiresAt };
}

function isGrantedBy(state: ConsentState, account: string): state is GrantedConsent {
  return isGranted(state) && state.account === account;
}

function isGranted(state: ConsentState): state is GrantedConsent {
  return state.status !== 'unknown' && state.status !== 'requested';
}

/** 144 bits: nobody finds one by trying. A letter first: on a command line it's no option. */
function newConsentId(): string {
  return `c${randomBytes(18).toString('base64url')}`;
}

function unknown(): JoulekeepError {
  return new JoulekeepError('ERR_CONSENT_UNKNOWN', 'there is no such consent of this customer');
}
