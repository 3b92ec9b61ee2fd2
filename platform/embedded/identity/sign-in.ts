import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { SignInRefusal } from '../../../events/index.ts';
import type { Defences } from '../../../topology/defences.ts';
import type { RouteRate } from '../../../topology/route.ts';
import { CallRates } from '../../doors/call-rates.ts';
import type { SignInTries } from '../../ports/identity.ts';
import type { Log } from '../../ports/platform.ts';
import type { SessionOwner } from '../../ports/sessions.ts';
import { readBody } from '../https/read-request.ts';
import type { SignInAccount, SignInAccounts } from './accounts.ts';
import { keptLanguage, languageFor } from './languages.ts';
import { passkeysPage, plainPage, type SignInFault, signInPage } from './pages.ts';
import type { PasskeyCeremonies } from './webauthn.ts';

/** Guesses at one name from one address, and at all from it. Passphrases are made, and long: a limit for a name wherever guesses come from would
 * guard nothing, and let anybody shut out whom they can name. */
const GUESSES: RouteRate = { burst: 5, perMinute: 5 };
const FROM_ONE_PLACE: RouteRate = { burst: 20, perMinute: 20 };
const BODY_BYTES = 16 * 1024;
const LONGEST_NAME = 64;
/** A change of passkeys takes a sign-in of the last minutes. */
const RECENT_SECONDS = 10 * 60;

export interface SignInParts {
  readonly provider: Provider;
  readonly accounts: SignInAccounts;
  readonly ceremonies: PasskeyCeremonies;
  readonly log: Log;
  readonly tries: SignInTries;
  readonly defences: Pick<Defences, 'rateLimits'>;
  /** Milliseconds, for rates. */
  readonly monotonic?: (() => number) | undefined;
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** The pages that people see: signing in, and their passkeys. What is refused looks the same whatever the reason. */
export class SignInPages {
  readonly #parts: SignInParts;
  readonly #rates: CallRates;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#rates = new CallRates(parts.monotonic);
  }

  /** @returns false for what is none of these pages */
  async serve(exchange: Exchange, path: string): Promise<boolean> {
    const { method } = exchange.request;
    const [, uid, step] = /^\/interaction\/([A-Za-z0-9_-]{8,64})(?:\/([a-z-]+))?$/.exec(path) ?? [];
    if (uid !== undefined) await this.#interaction(exchange, uid, method === 'GET' ? 'page' : (step ?? ''));
    else if (path === '/passkeys' && method === 'GET') await this.#passkeys(exchange);
    else if (path.startsWith('/passkeys/') && method === 'POST') await this.#change(exchange, path.slice('/passkeys/'.length));
    else return false;
    return true;
  }

  async #interaction({ request, response }: Exchange, uid: string, step: string): Promise<void> {
    const open = await this.#parts.provider.interactionDetails(request, response).catch(() => undefined);
    if (open?.uid !== uid || open.prompt.name !== 'login')
      return sendPage(response, 400, plainPage('again', 'over', { language: languageFor(request, undefined) }));
    const { params } = open;
    const language = languageFor(request, params['ui_locales']);
    response.appendHeader('set-cookie', keptLanguage(language));
    const show = (fault?: SignInFault) => signInPage(uid, params['client_id'] === 'console' ? 'console' : 'portal', language, fault);
    if (step === 'page') return sendPage(response, 200, show());
    if (this.#isTooOften(`from ${request.socket.remoteAddress}`, FROM_ONE_PLACE)) return sendPage(response, 429, show('slower'));
    if (step === 'passphrase') return await this.#passphrase({ request, response }, show);
    if (step === 'passkey-options') return sendJson(response, 200, await this.#parts.ceremonies.signInOptions(uid));
    if (step === 'passkey') return await this.#passkey({ request, response }, uid);
    sendPage(response, 404, plainPage('nothing', 'noPage', { language }));
  }

  async #passphrase({ request, response }: Exchange, show: (fault: SignInFault) => string): Promise<void> {
    const form = new URLSearchParams(await textOf(request));
    const name = (form.get('name') ?? '').trim().toLowerCase();
    const { remoteAddress } = request.socket;
    const { accounts } = this.#parts;
    if (this.#isTooOften(`${remoteAddress} at ${name.slice(0, LONGEST_NAME)}`, GUESSES)) {
      sendPage(response, 429, show('slower'));
      return this.#refused(accounts.find(name), 'too-often');
    }
    const account = await accounts.check(name, form.get('passphrase') ?? '');
    if (account === undefined) {
      sendPage(response, 401, show('refused'));
      return this.#refused(accounts.find(name), 'passphrase');
    }
    response.writeHead(303, { location: await this.#finish({ request, response }, account, ['pwd']) }).end();
  }

  async #passkey({ request, response }: Exchange, uid: string): Promise<void> {
    const answer = jsonOf(await textOf(request));
    const { ceremonies } = this.#parts;
    const account = await ceremonies.signIn(uid, answer);
    if (account === undefined) {
      sendJson(response, 401, { error: 'refused' });
      return this.#refused(ceremonies.named(answer), 'passkey');
    }
    sendJson(response, 200, { location: await this.#finish({ request, response }, account, ['pop', 'user']) });
  }

  /** When the answer has gone: whether a name is somebody's costs no time that whoever waits for it could measure. */
  #refused(whose: SignInAccount | undefined, reason: SignInRefusal): void {
    this.#parts.log.warn('sign-in refused', { reason });
    this.#parts.tries.refused(whose && ownerOf(whose), reason);
  }

  /** A browser forgets when it is closed. */
  async #finish({ request, response }: Exchange, { id }: SignInAccount, amr: readonly string[]): Promise<string> {
    const login = { accountId: id, amr: [...amr], remember: false, ts: Math.floor(Date.now() / 1_000) };
    return await this.#parts.provider.interactionResult(request, response, { login }, { mergeWithLastSubmission: false });
  }

  async #passkeys({ request, response }: Exchange): Promise<void> {
    const who = await this.#signedIn({ request, response });
    const spoken = { language: languageFor(request, undefined), place: '/passkeys' };
    response.appendHeader('set-cookie', keptLanguage(spoken.language));
    if (who === undefined) return sendPage(response, 401, plainPage('passkeys', 'signInFirst', spoken));
    const { account, recent } = who;
    sendPage(response, 200, passkeysPage(account.name, this.#parts.accounts.passkeys.of(account.id), recent, spoken));
  }

  async #change({ request, response }: Exchange, step: string): Promise<void> {
    const who = await this.#signedIn({ request, response });
    if (who === undefined || !who.recent) return sendJson(response, 403, { error: 'sign-in-too-old' });
    const { ceremonies, accounts } = this.#parts;
    if (step === 'options') return sendJson(response, 200, await ceremonies.addOptions(who.account));
    if (step === 'add') {
      const added = await ceremonies.add(who.account, jsonOf(await textOf(request)));
      return sendJson(response, added ? 200 : 400, { added });
    }
    if (step !== 'remove') return sendJson(response, 404, { error: 'unknown' });
    accounts.passkeys.remove(who.account.id, new URLSearchParams(await textOf(request)).get('id') ?? '');
    response.writeHead(303, { location: '/passkeys' }).end();
  }

  /** By the cookie of the provider. */
  async #signedIn({ request, response }: Exchange): Promise<{ readonly account: SignInAccount; readonly recent: boolean } | undefined> {
    const { provider, accounts } = this.#parts;
    const { accountId, loginTs = 0 } = await provider.Session.get(provider.createContext(request, response));
    const account = accountId === undefined ? undefined : accounts.byId(accountId);
    return account && { account, recent: Date.now() / 1_000 - loginTs <= RECENT_SECONDS };
  }

  #isTooOften(what: string, rate: RouteRate): boolean {
    return this.#parts.defences.rateLimits && this.#rates.take(what, rate) > 0;
  }
}

/** Whose sessions begin with the account. */
function ownerOf(account: SignInAccount): SessionOwner {
  return account.kind === 'customer' ? { role: 'customer', person: account.account } : { role: account.role, person: account.name };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const body = await readBody(request, BODY_BYTES);
  return typeof body === 'string' ? body : '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
