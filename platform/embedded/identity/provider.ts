/// <reference path="./oidc-provider.d.ts" />

import { createHash, hkdfSync, type KeyObject, randomUUID } from 'node:crypto';
import { interactionPolicy, type OidcContext, type OpenIdGrant, Provider } from 'oidc-provider';
import type { ApplicationName } from '../../ports/identity.ts';
import type { SignInAccount, SignInAccounts } from './accounts.ts';
import { memoryAdapter } from './memory-adapter.ts';
import { errorPage, signedOutPage, signOutPage } from './pages.ts';

/** Seconds. A code is redeemed at once; a browser stays signed in with the provider for a day's work. */
const LIFE = { AccessToken: 60, AuthorizationCode: 60, Grant: 3_600, IdToken: 300, Interaction: 1_800, Session: 8 * 3_600 } as const;
/** Of a browser that nobody signed in with, as asking to sign out makes one. */
const NOBODY_SECONDS = 600;
const CLAIMS = ['sub', 'custom:account', 'cognito:groups', 'cognito:username', 'amr', 'auth_time', 'jti'] as const;

/** Addresses of the applications, e.g. `https://localhost:8443`. */
export type Origins = Readonly<Record<ApplicationName, string>>;

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface ProviderOptions {
  readonly issuer: string;
  readonly key: SigningKey;
  readonly accounts: SignInAccounts;
  readonly origins: Origins;
}

/**
 * The provider of OpenID Connect: code with PKCE for two applications without secrets, ID tokens signed with ES256 that carry the names
 * Cognito uses, and no consent, as both applications are the utility's own. @source OpenID Connect Core 1.0; RFC 7636
 */
export function makeProvider({ issuer, key, accounts, origins }: ProviderOptions): Provider {
  const jwk = { ...key.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: kidOf(key) };
  return new Provider(issuer, {
    adapter: memoryAdapter(),
    allowOmittingSingleRegisteredRedirectUri: false,
    claims: { openid: [...CLAIMS] },
    clientAuthMethods: ['none'],
    clientBasedCORS: (_ctx: OidcContext, origin: string, client: { readonly clientId: string }) =>
      origin === origins[client.clientId as ApplicationName],
    clients: (['portal', 'console'] as const).map((name) => clientOf(name, origins[name])),
    // All there is to say stands in the ID token: nobody asks for more.
    conformIdTokenClaims: false,
    cookies: cookiesOf(key),
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: signOutPage, postLogoutSuccessSource: signedOutPage },
    },
    findAccount: async (_ctx: OidcContext, id: string) => {
      const account = accounts.byId(id);
      return account && { accountId: id, claims: async () => claimsOf(account) };
    },
    interactions: { policy: policyOf(accounts), url: (_ctx: OidcContext, { uid }: { uid: string }) => `/interaction/${uid}` },
    jwks: { keys: [jwk] },
    loadExistingGrant: async (ctx: OwnContext) => await grantOf(ctx, accounts),
    pkce: { required: () => true },
    renderError: errorPage,
    responseTypes: ['code'],
    scopes: ['openid'],
    ttl: { ...LIFE, Session: lifeOf },
  });
}

/** Sessions of nobody make no room for themselves among those of somebody. */
function lifeOf(_ctx: OidcContext, { accountId }: { readonly accountId?: string }): number {
  return accountId === undefined ? NOBODY_SECONDS : LIFE.Session;
}

/** Of the key itself, so that a new key has a new name. */
function kidOf({ publicKey }: SigningKey): string {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64url')
    .slice(0, 16);
}

function clientOf(name: ApplicationName, origin: string): Readonly<Record<string, unknown>> {
  return {
    client_id: name,
    client_name: name === 'portal' ? 'Customer portal' : 'Console',
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [`${origin}/`],
    post_logout_redirect_uris: [`${origin}/`],
    id_token_signed_response_alg: 'ES256',
    require_auth_time: true,
  };
}

/** Names of their own: cookies of one name on another port of this machine are the same cookies. */
function cookiesOf({ privateKey }: SigningKey): Readonly<Record<string, unknown>> {
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' });
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'joulekeep cookies of the identity provider', 32)).toString('base64url');
  const options = { httpOnly: true, sameSite: 'lax', signed: true } as const;
  return {
    keys: [key],
    long: options,
    short: options,
    names: { session: 'identity_session', interaction: 'identity_interaction', resume: 'identity_resume' },
  };
}

interface OwnContext extends OidcContext {
  readonly oidc: OidcContext['oidc'] & {
    readonly session: { readonly accountId?: string };
    readonly provider: { readonly Grant: { new (input: { readonly accountId: string; readonly clientId: string }): OpenIdGrant } };
  };
}

/** The standard's, and: whoever was removed meanwhile has to sign in again, and cannot. */
function policyOf(accounts: SignInAccounts): unknown {
  const { Check, base } = interactionPolicy;
  const policy = base();
  const isGone = ({ oidc }: OidcContext) => {
    const { accountId } = (oidc as OwnContext['oidc']).session;
    return accountId !== undefined && accounts.byId(accountId) === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
  };
  policy.get('login').checks.add(new Check('account_gone', 'somebody else has to sign in', isGone));
  return policy;
}

/** Nobody is asked whether the utility's own application may know who they are. */
async function grantOf({ oidc }: OwnContext, accounts: SignInAccounts): Promise<OpenIdGrant | undefined> {
  const { accountId } = oidc.session;
  if (accountId === undefined || accounts.byId(accountId) === undefined) return undefined;
  const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client?.clientId ?? '' });
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
}

function claimsOf(account: SignInAccount): Readonly<Record<string, unknown>> {
  const own = account.kind === 'customer' ? { 'custom:account': account.account } : { 'cognito:groups': [account.role] };
  // Two of one second are two: each is used once.
  return { sub: account.id, 'cognito:username': account.name, jti: randomUUID(), ...own };
}
