import { createHash, randomBytes } from 'node:crypto';
import { urlToHttpOptions } from 'node:url';
import { inject } from 'vitest';
import { exchange, written } from '../../support/exchange.ts';
import { ADVICE } from './party-credentials.ts';
import type { TownInBrowser } from './town.ts';

/** Which third party, and where. */
export interface PartyPlace extends Pick<TownInBrowser, 'portal' | 'thirdParty' | 'party'> {
  readonly id: string;
  readonly callback: string;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A third party as it would be written elsewhere, that asks customers in their own browser. */
export class Advice {
  readonly #verifier = randomBytes(32).toString('base64url');
  readonly #place: PartyPlace;
  #token = '';

  constructor(place: PartyPlace = { ...ADVICE, ...inject('town') }) {
    this.#place = place;
  }

  /** Pushes a question. @returns address that it sends the customer's browser to */
  async ask(): Promise<string> {
    const challenge = createHash('sha256').update(this.#verifier).digest('base64url');
    const wish = { response_type: 'code', scope: ADVICE.scope, code_challenge: challenge, code_challenge_method: 'S256' };
    const { id, callback, portal } = this.#place;
    const { status, body } = await this.#send('/oauth/par', { client_id: id, redirect_uri: callback, ...wish });
    if (status !== 201) throw new Error(`the question was answered ${status}: ${JSON.stringify(body)}`);
    const query = new URLSearchParams({ client_id: id, request_uri: String(body['request_uri']) });
    return `${portal}/oauth/authorize?${query}`;
  }

  /** Redeems what came back. @returns scope that the customer allowed, and the path of the data */
  async redeem(code: string): Promise<{ readonly scope: string; readonly path: string }> {
    const { id, callback } = this.#place;
    const form = { client_id: id, redirect_uri: callback, grant_type: 'authorization_code', code };
    const { status, body } = await this.#send('/oauth/token', { ...form, code_verifier: this.#verifier });
    if (status !== 200) throw new Error(`the code was answered ${status}: ${JSON.stringify(body)}`);
    this.#token = String(body['access_token']);
    return { scope: String(body['scope']), path: new URL(String(body['resourceURI'])).pathname };
  }

  async pull(path: string): Promise<Answer> {
    return await this.#send(path);
  }

  async #send(path: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
    const { key, certificate, ca } = this.#place.party;
    const { body, typed } = written(form === undefined ? {} : { form });
    const headers = form === undefined ? { authorization: `Bearer ${this.#token}`, accept: 'application/json' } : typed;
    const place = urlToHttpOptions(new URL(path, this.#place.thirdParty));
    const { status, text } = await exchange(
      { ...place, method: form === undefined ? 'GET' : 'POST', headers, key, cert: certificate, ca },
      body,
    );
    return { status, body: JSON.parse(text) as Answer['body'] };
  }
}
