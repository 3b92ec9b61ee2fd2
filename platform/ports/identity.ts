import type { SignInRefusal } from '../../events/index.ts';
import type { PersonRole } from '../../topology/route.ts';
import type { SessionOwner } from './sessions.ts';

/** Applications that people sign in to: the customers' portal, and the console of the utility. */
export type ApplicationName = 'portal' | 'console';

/** What the identity provider says of somebody who signed in. */
export interface SignedInPerson {
  /** Account of a customer, or name of a person of the utility. */
  readonly person: string;
  readonly role: 'customer' | PersonRole;
  /** By what the provider knows them: of a person of the utility the same as `person`. */
  readonly login: string;
  /** Thumbprint of the key that the browser had when it asked. @source RFC 7638 */
  readonly keyThumbprint: string;
  /** When they proved who they are, UTC ms, and how. */
  readonly at: number;
  readonly method: 'passkey' | 'passphrase' | 'other';
}

/** Where ways to sign in are kept by the service itself: people do it where the identity provider is one of theirs. */
export interface SignIns {
  /** Takes away every way in of a customer. Can be repeated. @returns how many there were */
  removeCustomer(account: string): Promise<number>;
}

/** Told of whoever was refused where people sign in: for the record, and never for whoever tried. */
export interface SignInTries {
  /** Returns at once. @param owner undefined for a name that is nobody's */
  refused(owner: SessionOwner | undefined, reason: SignInRefusal): void;
  /** Resolves when whatever was told is on record, or can't be. */
  flush(): Promise<void>;
}

/** The addresses that a browser needs. */
export interface IdentityEndpoints {
  readonly issuer: string;
  readonly authorization: string;
  readonly token: string;
  readonly endSession: string;
  /** Page to add and remove passkeys, where there is one. */
  readonly passkeys: string | undefined;
}

/** Who people are is the identity provider's to say, in an ID token. @source OpenID Connect Core 1.0, 3.1.3.7; X.1332 10.2 */
export interface IdentityProvider {
  /** @returns the reason of a refusal, for the record and never for the caller. That a token is used once is not asked here. */
  verify(idToken: string, application: ApplicationName): Promise<SignedInPerson | { readonly refused: string }>;
  /** Whether somebody who signed in still may, as who they were then. @throws when the provider cannot be asked */
  isActive(who: Pick<SignedInPerson, 'person' | 'role' | 'login'>): Promise<boolean>;
}
