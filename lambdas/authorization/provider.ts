/// <reference path="./oidc-provider.d.ts" />

import { generateKeyPairSync, type JsonWebKey, X509Certificate } from 'node:crypto';
import { errors, interactionPolicy, type OidcContext, Provider } from 'oidc-provider';
import type { BearerStore } from '../../platform/ports/bearer-store.ts';
import type { Defences } from '../../topology/defences.ts';
import { adapterOf, type FindClient } from './adapter.ts';
import { eventOf } from './bridge.ts';
import { readScope } from './scope.ts';

const MINUTE = 60;
/** Seconds. Refresh tokens last as long as a consent may; whether it still stands is asked each time one is used. */
const LIFE = {
  AccessToken: 10 * MINUTE,
  AuthorizationCode: MINUTE,
  Interaction: 10 * MINUTE,
  Grant: 400 * 86_400,
  RefreshToken: 90 * 86_400,
  Session: 10 * MINUTE,
  IdToken: MINUTE,
} as const;

export interface ProviderOptions {
  /** Address of the customers' door: who issues. */
  readonly issuer: string;
  /** What access tokens are for: the third parties' API. */
  readonly resource: string;
  readonly store: BearerStore;
  readonly findClient: FindClient;
  /** Whether a consent still stands. */
  readonly isGranted: (consentId: string, clientId: string) => Promise<boolean>;
  /** Sign the cookies; the newest first. */
  readonly cookieKeys: readonly string[];
  readonly defences: Pick<Defences, 'certificateBoundTokens' | 'purposeResolution'>;
}

/**
 * The authorization server: code with PKCE behind a pushed request, clients by their certificates, opaque tokens bound to them, no
 * other grant than code and refresh. The account of a grant is the consent: nothing here names the customer.
 * @source RFC 6749, 7636, 8705, 9126, 9207; X.1332 9.3
 */
export function makeProvider(options: ProviderOptions): Provider {
  const { issuer, store, findClient, isGranted, cookieKeys } = options;
  return new Provider(issuer, {
    adapter: adapterOf(store, findClient),
    clientAuthMethods: ['tls_client_auth'],
    clientDefaults: {
      token_endpoint_auth_method: 'tls_client_auth',
      id_token_signed_response_alg: 'ES256',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    allowOmittingSingleRegisteredRedirectUri: false,
    cookies: {
      keys: cookieKeys,
      short: { httpOnly: true, sameSite: 'lax', signed: true },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    expiresWithSession: async () => false,
    features: featuresOf(options),
    findAccount: async (ctx: OidcContext, consentId: string) => {
      const clientId = ctx.oidc.client?.clientId;
      if (ctx.oidc.route === 'token' && (clientId === undefined || !(await isGranted(consentId, clientId)))) return undefined;
      return { accountId: consentId, claims: async () => ({ sub: consentId }) };
    },
    interactions: { policy: [askEveryTime()], url: (_ctx: OidcContext, { uid }: { uid: string }) => `/oauth/consent/${uid}` },
    issueRefreshToken: async () => true,
    jwks: { keys: [unusedKey()] },
    pkce: { required: () => true },
    renderError: (ctx: OidcContext, out: Readonly<Record<string, string>>) => {
      ctx.type = 'json';
      ctx.body = out;
    },
    responseTypes: ['code'],
    rotateRefreshToken: true,
    routes: {
      authorization: '/oauth/authorize',
      pushed_authorization_request: '/oauth/par',
      token: '/oauth/token',
      revocation: '/oauth/revoke',
      jwks: '/oauth/jwks',
    },
    scopes: [],
    ttl: LIFE,
  });
}

function featuresOf({ resource, defences }: ProviderOptions): Readonly<Record<string, unknown>> {
  const certificateOf = (ctx: OidcContext) => eventOf(ctx.req).requestContext.identity.clientCert?.clientCertPem;
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    revocation: {
      enabled: true,
      allowedPolicy: async (_ctx: unknown, client: { clientId: string }, token: { clientId: string }) => token.clientId === client.clientId,
    },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: defences.certificateBoundTokens,
      tlsClientAuth: true,
      getCertificate: certificateOf,
      // Whether it speaks for the client was asked before the request came here.
      certificateAuthorized: (ctx: OidcContext) => certificateOf(ctx) !== undefined,
      certificateSubjectMatches: (ctx: OidcContext, property: string, expected: string) => {
        const pem = certificateOf(ctx);
        return property === 'tls_client_auth_subject_dn' && pem !== undefined && new X509Certificate(pem).subject === expected;
      },
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => resource,
      useGrantedResource: async () => true,
      getResourceServerInfo: async (ctx: OidcContext, wanted: string) => {
        if (wanted !== resource) throw new errors.InvalidTarget();
        return { scope: knownScopes(ctx, defences), audience: resource, accessTokenFormat: 'opaque', accessTokenTTL: LIFE.AccessToken };
      },
    },
  };
}

/** Scopes are not a list but a language: a request's scope is one when it can be read. */
function knownScopes({ oidc }: OidcContext, rules: Pick<Defences, 'purposeResolution'>): string {
  const { AuthorizationCode: code, RefreshToken: refresh } = oidc.entities ?? {};
  if (oidc.route === 'token') return code?.scope ?? refresh?.scope ?? '';
  const scope = oidc.params?.['scope'];
  if (scope === undefined) throw new errors.InvalidScope('a scope is expected', '');
  if (scope.includes(' ') || readScope(scope, rules) === undefined)
    throw new errors.InvalidScope('one scope that is served is expected', scope);
  return scope;
}

/** Every request is asked for, whatever was answered before. */
function askEveryTime(): interactionPolicy.Prompt {
  const { Check, Prompt } = interactionPolicy;
  const check = new Check('asked_every_time', 'a consent is given for each request', ({ oidc }) => {
    return oidc.result?.['consent'] === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
  });
  return new Prompt({ name: 'consent', requestable: true }, check);
}

/** The library wants a key for identity tokens, of which it issues none: no scope asks for one. It is made anew in each process. */
function unusedKey(): JsonWebKey {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
}
