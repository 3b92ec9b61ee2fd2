import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import { JoulekeepError } from '../../events/errors.ts';
import type { Defences } from '../../topology/defences.ts';
import { readIdToken } from '../doors/id-token.ts';
import type { ApplicationName, IdentityEndpoints, IdentityProvider, SignedInPerson } from '../ports/identity.ts';
import type { Clock } from '../ports/platform.ts';
import { CognitoUsers } from './cognito-users.ts';

export interface CognitoOptions {
  /** Of the user pool, e.g. `https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_aBcDeFgHi`. */
  readonly issuer: string;
  /** Ids of the app clients. */
  readonly clients: Readonly<Record<ApplicationName, string>>;
  /** Address of the hosted sign-in, e.g. `https://joulekeep-dev.auth.eu-central-1.amazoncognito.com`. */
  readonly hosted: string;
  readonly clock: Clock;
  readonly defences: Pick<Defences, 'ownDoor' | 'signInProof'>;
  /** Keys of the pool; by default fetched from where the pool publishes them, never from where a token says. */
  readonly keys?: JWTVerifyGetKey;
  /** Users of the pool as they stand now. */
  readonly users: Pick<CognitoUsers, 'isActive'>;
}

/** A user pool of Cognito: what it says is signed with RS256 by keys that it publishes. @source X.1332 10.2 */
export class CognitoIdentity implements IdentityProvider {
  readonly #options: CognitoOptions;
  readonly #keys: JWTVerifyGetKey;

  constructor(options: CognitoOptions) {
    this.#options = options;
    this.#keys = options.keys ?? createRemoteJWKSet(new URL(`${options.issuer}/.well-known/jwks.json`));
  }

  get endpoints(): IdentityEndpoints {
    const { issuer, hosted } = this.#options;
    return {
      issuer,
      authorization: `${hosted}/oauth2/authorize`,
      token: `${hosted}/oauth2/token`,
      endSession: `${hosted}/logout`,
      passkeys: `${hosted}/passkeys/add`,
    };
  }

  async verify(idToken: string, application: ApplicationName): Promise<SignedInPerson | { readonly refused: string }> {
    const { issuer, clients, clock, defences } = this.#options;
    return await readIdToken(idToken, {
      key: this.#keys,
      algorithm: 'RS256',
      issuer,
      audience: defences.ownDoor ? clients[application] : Object.values(clients),
      application: defences.ownDoor ? application : undefined,
      now: clock.now(),
      verified: defences.signInProof,
    });
  }

  async isActive(who: Pick<SignedInPerson, 'person' | 'role' | 'login'>): Promise<boolean> {
    return await this.#options.users.isActive(who);
  }
}

type Variables = Readonly<Record<string, string | undefined>>;

/** @param variables JOULEKEEP_IDENTITY_ISSUER, JOULEKEEP_IDENTITY_HOSTED, JOULEKEEP_PORTAL_CLIENT, JOULEKEEP_CONSOLE_CLIENT @throws ERR_ENVIRONMENT */
export function cognitoIdentity(
  { clock }: { readonly clock: Clock },
  defences: CognitoOptions['defences'],
  variables: Variables = process.env,
): CognitoIdentity {
  const told = (name: string, shape: RegExp) => {
    const value = variables[name] ?? '';
    if (!shape.test(value)) throw new JoulekeepError('ERR_ENVIRONMENT', `${name}: missing, or not what is expected`);
    return value;
  };
  const clients = { portal: told('JOULEKEEP_PORTAL_CLIENT', /^\w{1,128}$/), console: told('JOULEKEEP_CONSOLE_CLIENT', /^\w{1,128}$/) };
  const issuer = told('JOULEKEEP_IDENTITY_ISSUER', /^https:\/\/[a-z0-9.-]+\/[A-Za-z0-9_-]+$/);
  const hosted = told('JOULEKEEP_IDENTITY_HOSTED', /^https:\/\/[a-z0-9.-]+$/);
  return new CognitoIdentity({ issuer, hosted, clients, clock, defences, users: usersOf(issuer, told) });
}

/** The credentials of a function stand in its environment, for as long as that lasts. */
function usersOf(issuer: string, told: (name: string, shape: RegExp) => string): CognitoUsers {
  const credentials = () => ({
    accessKeyId: told('AWS_ACCESS_KEY_ID', /^\w+$/),
    secretAccessKey: told('AWS_SECRET_ACCESS_KEY', /^\S+$/),
    sessionToken: told('AWS_SESSION_TOKEN', /^\S+$/),
  });
  const poolId = issuer.slice(issuer.lastIndexOf('/') + 1);
  return new CognitoUsers({ region: poolId.slice(0, poolId.indexOf('_')), poolId, credentials, now: () => Date.now() });
}
