import type { SignedInPerson } from '../ports/identity.ts';
import { type Credentials, signedHeaders } from './signed-request.ts';

export interface CognitoUsersOptions {
  readonly region: string;
  readonly poolId: string;
  readonly credentials: () => Credentials;
  /** UTC ms. */
  readonly now: () => number;
  readonly fetch?: typeof fetch;
}

const TARGET = 'AWSCognitoIdentityProviderService';
const WAIT_MS = 5_000;

/** Of the service's answers, what is looked at. */
interface User {
  readonly Enabled?: boolean;
  readonly UserAttributes?: readonly { readonly Name: string; readonly Value?: string }[];
}
interface Groups {
  readonly Groups?: readonly { readonly GroupName: string }[];
}

/** Users of a pool as they stand now. Two of its calls are used, for which the whole client of the service would be large. */
export class CognitoUsers {
  readonly #options: CognitoUsersOptions;

  constructor(options: CognitoUsersOptions) {
    this.#options = options;
  }

  /** As `IdentityProvider.isActive`. @throws for whatever the service says but a user, or none */
  async isActive({ person, role, login }: Pick<SignedInPerson, 'person' | 'role' | 'login'>): Promise<boolean> {
    const user = await this.#ask<User>('AdminGetUser', login);
    if (user?.Enabled !== true) return false;
    if (role === 'customer') return user.UserAttributes?.some(({ Name, Value }) => Name === 'custom:account' && Value === person) === true;
    const groups = await this.#ask<Groups>('AdminListGroupsForUser', login);
    return groups?.Groups?.some(({ GroupName }) => GroupName === role) === true;
  }

  /** Undefined: there is no such user. */
  async #ask<T>(operation: string, username: string): Promise<T | undefined> {
    const { region, poolId, credentials, now, fetch: send = fetch } = this.#options;
    const url = new URL(`https://cognito-idp.${region}.amazonaws.com/`);
    const body = JSON.stringify({ UserPoolId: poolId, Username: username });
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${TARGET}.${operation}` };
    const signing = { service: 'cognito-idp', region, credentials: credentials(), at: new Date(now()) };
    const signed = signedHeaders({ method: 'POST', url, headers, body }, signing);
    const answer = await send(url, { method: 'POST', headers: signed, body, signal: AbortSignal.timeout(WAIT_MS) });
    const told = (await answer.json()) as T & { readonly __type?: string };
    if (answer.ok) return told;
    if (told.__type?.endsWith('UserNotFoundException') === true) return undefined;
    throw new Error(`${operation}: ${answer.status} ${told.__type ?? ''}`);
  }
}
