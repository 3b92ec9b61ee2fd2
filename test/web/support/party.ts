import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { inject } from 'vitest';
import { ADVICE, type PartyCredentials } from './party-credentials.ts';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A third party as it would be written elsewhere, that asks customers in their own browser. */
export class Advice {
  readonly #verifier = randomBytes(32).toString('base64url');
  readonly #credentials: PartyCredentials = inject('town').party;
  #token = '';

  /** Pushes a question. @returns address that it sends the customer's browser to */
  async ask(): Promise<string> {
    const challenge = createHash('sha256').update(this.#verifier).digest('base64url');
    const wish = { response_type: 'code', scope: ADVICE.scope, code_challenge: challenge, code_challenge_method: 'S256' };
    const { status, body } = await this.#send('/oauth/par', { client_id: ADVICE.id, redirect_uri: ADVICE.callback, ...wish });
    if (status !== 201) throw new Error(`the question was answered ${status}: ${JSON.stringify(body)}`);
    const query = new URLSearchParams({ client_id: ADVICE.id, request_uri: String(body['request_uri']) });
    return `${inject('town').portal}/oauth/authorize?${query}`;
  }

  /** Redeems what came back. @returns scope that the customer allowed, and the path of the data */
  async redeem(code: string): Promise<{ readonly scope: string; readonly path: string }> {
    const form = { client_id: ADVICE.id, redirect_uri: ADVICE.callback, grant_type: 'authorization_code', code };
    const { status, body } = await this.#send('/oauth/token', { ...form, code_verifier: this.#verifier });
    if (status !== 200) throw new Error(`the code was answered ${status}: ${JSON.stringify(body)}`);
    this.#token = String(body['access_token']);
    return { scope: String(body['scope']), path: new URL(String(body['resourceURI'])).pathname };
  }

  async pull(path: string): Promise<Answer> {
    return await this.#send(path);
  }

  async #send(path: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
    const { key, certificate, ca } = this.#credentials;
    const typed = { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = form === undefined ? { authorization: `Bearer ${this.#token}`, accept: 'application/json' } : typed;
    const outgoing = request(new URL(path, inject('town').thirdParty), {
      ...{ method: form === undefined ? 'GET' : 'POST', headers, agent: false, key, cert: certificate, ca },
    });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    outgoing.end(form === undefined ? undefined : new URLSearchParams(form).toString());
    const [incoming] = await answered;
    const text = Buffer.concat((await Array.fromAsync(incoming)) as Buffer[]).toString();
    return { status: incoming.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] };
  }
}
