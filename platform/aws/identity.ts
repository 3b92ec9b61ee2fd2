import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import { JoulekeepError } from '../../events/errors.ts';
import type { Defences } from '../../topology/defences.ts';
import type { ApplicationName, IdentityEndpoints, IdentityProvider, SignedInPerson } from '../ports/identity.ts';
import type { Clock } from '../ports/platform.ts';
import { readIdToken } from '../store/id-token.ts';

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
  return new CognitoIdentity({ issuer, hosted: told('JOULEKEEP_IDENTITY_HOSTED', /^https:\/\/[a-z0-9.-]+$/), clients, clock, defences });
}
