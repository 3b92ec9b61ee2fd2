import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { keepNewest } from '../../store/newest.ts';
import type { SignInAccount, SignInAccounts } from './accounts.ts';

const RELYING_PARTY = { name: 'Joulekeep', id: 'localhost' } as const;
/** ES256, and RS256 for authenticators that know nothing newer. */
const ALGORITHMS = [-7, -257];
const CHALLENGE_MS = 5 * 60_000;
/** Of one account. */
const MOST_PASSKEYS = 10;
const MOST_CHALLENGES = 10_000;

interface Challenge {
  readonly challenge: string;
  readonly until: number;
}

/**
 * Registration of passkeys, and signing in with one. The person behind the authenticator is always verified; each challenge is answered
 * once, by whom it was given to. @source W3C Web Authentication Level 3
 */
export class PasskeyCeremonies {
  readonly #accounts: SignInAccounts;
  readonly #origin: string;
  readonly #challenges = new Map<string, Challenge>();

  constructor(accounts: SignInAccounts, origin: string) {
    this.#accounts = accounts;
    this.#origin = origin;
  }

  /** @param place whom the challenge is for: the open sign-in */
  async signInOptions(place: string): Promise<unknown> {
    const options = await generateAuthenticationOptions({ rpID: RELYING_PARTY.id, userVerification: 'required', timeout: CHALLENGE_MS });
    this.#remember(`sign-in ${place}`, options.challenge);
    return options;
  }

  /** Who answered the challenge; undefined for anybody else, whatever was wrong. */
  async signIn(place: string, answer: unknown): Promise<SignInAccount | undefined> {
    const challenge = this.#take(`sign-in ${place}`);
    const response = answer as AuthenticationResponseJSON;
    const passkey = typeof response?.id === 'string' ? this.#accounts.passkeys.find(response.id) : undefined;
    if (challenge === undefined || passkey === undefined) return undefined;
    const { id, publicKey, counter } = passkey;
    const verified = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: this.#origin,
      expectedRPID: RELYING_PARTY.id,
      credential: { id, publicKey, counter },
      requireUserVerification: true,
    }).catch(() => undefined);
    if (verified?.verified !== true) return undefined;
    this.#accounts.passkeys.used(id, verified.authenticationInfo.newCounter, Date.now());
    return this.#accounts.byId(passkey.owner);
  }

  /** Whose passkey an answer names, whether or not it proves anything. */
  named(answer: unknown): SignInAccount | undefined {
    const id = (answer as Partial<AuthenticationResponseJSON> | undefined)?.id;
    const passkey = typeof id === 'string' ? this.#accounts.passkeys.find(id) : undefined;
    return passkey && this.#accounts.byId(passkey.owner);
  }

  async addOptions(account: SignInAccount): Promise<unknown> {
    const options = await generateRegistrationOptions({
      rpName: RELYING_PARTY.name,
      rpID: RELYING_PARTY.id,
      userName: account.name,
      userID: new Uint8Array(Buffer.from(account.id)),
      attestationType: 'none',
      timeout: CHALLENGE_MS,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: [...ALGORITHMS],
      excludeCredentials: this.#accounts.passkeys.of(account.id).map(({ id }) => ({ id })),
    });
    this.#remember(`add ${account.id}`, options.challenge);
    return options;
  }

  /** @returns whether the account has one more passkey */
  async add(account: SignInAccount, answer: unknown): Promise<boolean> {
    const challenge = this.#take(`add ${account.id}`);
    const response = answer as RegistrationResponseJSON;
    const own = this.#accounts.passkeys.of(account.id);
    if (challenge === undefined || own.length >= MOST_PASSKEYS) return false;
    const verified = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: this.#origin,
      expectedRPID: RELYING_PARTY.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    }).catch(() => undefined);
    if (verified?.verified !== true) return false;
    const { id, publicKey, counter } = verified.registrationInfo.credential;
    const transports = (response.response.transports ?? []).filter((name) => /^[a-z-]{1,16}$/.test(name)).slice(0, 8);
    const label = verified.registrationInfo.credentialBackedUp ? 'Passkey, synchronized' : 'Passkey, on one device';
    return this.#accounts.passkeys.add({
      ...{ id, owner: account.id, counter, transports, label },
      publicKey: new Uint8Array(publicKey),
      createdAt: Date.now(),
    });
  }

  #remember(place: string, challenge: string): void {
    keepNewest(this.#challenges, place, { challenge, until: Date.now() + CHALLENGE_MS }, MOST_CHALLENGES);
  }

  #take(place: string): string | undefined {
    const kept = this.#challenges.get(place);
    this.#challenges.delete(place);
    return kept !== undefined && Date.now() < kept.until ? kept.challenge : undefined;
  }
}
