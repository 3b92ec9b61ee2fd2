import type { SessionToken } from '../../api/session.ts';
import { randomText, sha256 } from './base64url.ts';
import type { Config } from './config.ts';
import type { Kept } from './kept.ts';
import { makeProofKey, type ProofKey, proofFor, thumbprintOf } from './proof-key.ts';
import { aheadOf, replyOf, Session, type SessionWorld, sessionPath } from './session.ts';

export interface SignInOptions {
  /** `none`: only if the provider knows them still. `login`: they prove again who they are. */
  readonly prompt?: 'none' | 'login';
  /** Languages for the provider's pages. */
  readonly language?: string;
}

/** How a sign-in ended. `none`: this address belongs to no sign-in. */
export type SignInEnd =
  | { readonly state: 'none' }
  | { readonly state: 'signed-in'; readonly session: Session; readonly returnTo: string }
  | { readonly state: 'signed-out'; readonly reason: 'unknown' | 'refused' | 'failed' | 'offline'; readonly returnTo: string };

interface Pending {
  readonly verifier: string;
  readonly key: ProofKey;
  readonly returnTo: string;
  /** UTC ms. */
  readonly at: number;
}

const PREFIX = 'sign-in:';
const ABANDONED_MS = 3_600_000;

/** What of the page's address a sign-in reads and leaves. */
export interface SignInWorld extends SessionWorld {
  readonly kept: Kept;
  /** Where the page is: query with `?`, fragment with `#`. */
  readonly search: string;
  readonly fragment: string;
}

/**
 * Makes a key and goes to the identity provider: code with PKCE, and a nonce that is the key's thumbprint, so that the ID token names
 * the key. @source RFC 7636, OpenID Connect Core 3.1
 */
export async function startSignIn(config: Config, { prompt, language }: SignInOptions, world: SignInWorld): Promise<void> {
  await forgetAbandoned(world);
  const [key, state, verifier] = [await makeProofKey(), randomText(), randomText()];
  await world.kept.put(PREFIX + state, { verifier, key, returnTo: world.fragment, at: world.now() } satisfies Pending);
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: config.clientId,
    redirect_uri: `${world.origin}/`,
    scope: 'openid',
    state,
    nonce: await thumbprintOf(key),
    code_challenge: await sha256(verifier),
    code_challenge_method: 'S256',
    ...(prompt !== undefined && { prompt }),
    ...(language !== undefined && { ui_locales: language }),
  });
  world.leave(`${config.authorizationEndpoint}?${query}`);
}

/** Reads what the provider answered, once. */
export async function endSignIn(config: Config, world: SignInWorld): Promise<SignInEnd> {
  const query = new URLSearchParams(world.search);
  const [state, code, error] = [query.get('state'), query.get('code'), query.get('error')];
  if (state === null || (code === null && error === null)) return { state: 'none' };
  const pending = (await world.kept.get(PREFIX + state)) as Pending | undefined;
  await world.kept.delete(PREFIX + state);
  const returnTo = pending?.returnTo ?? '';
  const issuer = query.get('iss');
  // An answer of somebody else's is none. @source RFC 9207
  if (pending === undefined || (issuer !== null && issuer !== config.issuer)) return { state: 'signed-out', reason: 'failed', returnTo };
  if (code === null) return { state: 'signed-out', reason: error === 'login_required' ? 'unknown' : 'refused', returnTo };
  try {
    const idToken = await redeem(config, code, pending.verifier, world);
    const begun = idToken && (await begin(config, idToken, pending.key, world));
    if (!begun) return { state: 'signed-out', reason: 'failed', returnTo };
    return { state: 'signed-in', session: new Session(config, pending.key, begun.token, world, begun.aheadMs), returnTo };
  } catch {
    return { state: 'signed-out', reason: 'offline', returnTo };
  }
}

async function redeem(config: Config, code: string, verifier: string, world: SignInWorld): Promise<string | undefined> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: config.clientId,
    redirect_uri: `${world.origin}/`,
    code,
    code_verifier: verifier,
  });
  const answer = await world.fetch(config.tokenEndpoint, { method: 'POST', body, credentials: 'omit', cache: 'no-store' });
  const reply = await replyOf<{ id_token?: string }>(answer);
  return reply.ok ? reply.body.id_token : undefined;
}

interface Begun {
  readonly token: SessionToken;
  readonly aheadMs: number;
}

/** A clock that is wrong makes a proof that counts for nothing: then once more, by the time of the answer. */
async function begin(config: Config, idToken: string, key: ProofKey, world: SignInWorld): Promise<Begun | undefined> {
  const first = await ask(config, idToken, { key, aheadMs: 0 }, world);
  const aheadMs = aheadOf(first.headers.get('date'), world.now()) ?? 0;
  const answer = first.status === 401 && aheadMs !== 0 ? await ask(config, idToken, { key, aheadMs }, world) : first;
  const reply = await replyOf<SessionToken>(answer);
  return reply.ok ? { token: reply.body, aheadMs } : undefined;
}

async function ask(
  config: Config,
  idToken: string,
  { key, aheadMs }: { readonly key: ProofKey; readonly aheadMs: number },
  world: SignInWorld,
): Promise<Response> {
  const url = world.origin + sessionPath(config);
  const dpop = await proofFor(key, { method: 'POST', url, at: world.now() + aheadMs });
  const headers = { 'content-type': 'application/json', dpop };
  const body = JSON.stringify({ idToken });
  return await world.fetch(url, { method: 'POST', headers, body, credentials: 'omit', cache: 'no-store' });
}

async function forgetAbandoned({ kept, now }: Pick<SignInWorld, 'kept' | 'now'>): Promise<void> {
  for (const name of await kept.names()) {
    if (!name.startsWith(PREFIX)) continue;
    const pending = (await kept.get(name)) as Pending | undefined;
    if (pending === undefined || now() - pending.at > ABANDONED_MS) await kept.delete(name);
  }
}
