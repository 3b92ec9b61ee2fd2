import { lookup } from 'node:dns';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { type BlockList, isIP, type LookupFunction } from 'node:net';
import type { Outbound, OutboundRequest, OutboundResult } from '../ports/outbound.ts';
import { mayConnectTo, networks } from './public-address.ts';

/** From the first look at the name to the end of the answer, ms. */
const PATIENCE_MS = 10_000;
/** Of an answer that nobody reads. */
const ANSWER_LIMIT = 65_536;
const REFUSED_ADDRESS = 'ERR_ADDRESS_REFUSED';

export interface OutboundOptions {
  /** Private networks that may be connected to, as CIDR, e.g. the operator's behind the private link. */
  readonly privateNetworks?: readonly string[];
  readonly patienceMs?: number;
}

/** HTTPS to addresses that others name, on either platform. A connection each: nothing is kept open to anybody. */
export class HttpsOutbound implements Outbound {
  readonly #allowed: BlockList;
  readonly #patienceMs: number;

  constructor({ privateNetworks = [], patienceMs = PATIENCE_MS }: OutboundOptions = {}) {
    this.#allowed = networks(privateNetworks);
    this.#patienceMs = patienceMs;
  }

  post(asked: OutboundRequest): Promise<OutboundResult> {
    const url = addressOf(asked.url);
    if (url === undefined) return Promise.resolve({ failure: 'refused-address' });
    // A literal address is looked up by nobody.
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !mayConnectTo(host, this.#allowed)) return Promise.resolve({ failure: 'refused-address' });
    return this.#send(url, asked);
  }

  #send(url: URL, { headers, body, ca }: OutboundRequest): Promise<OutboundResult> {
    return new Promise((resolve) => {
      const options: RequestOptions = {
        method: 'POST',
        headers: { ...headers, 'content-length': String(body.length) },
        agent: false,
        lookup: this.#lookup,
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
        ...(ca === undefined ? {} : { ca }),
      };
      const sent = httpsRequest(url, options, (answer) => {
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > ANSWER_LIMIT) end({ failure: 'too-large' });
        });
        answer.on('end', () => end({ status: answer.statusCode ?? 0 }));
        answer.on('close', () => end({ failure: 'unreachable' }));
      });
      const timer = setTimeout(() => end({ failure: 'timeout' }), this.#patienceMs);
      const end = (result: OutboundResult) => {
        clearTimeout(timer);
        sent.destroy();
        resolve(result);
      };
      sent.on('error', (error: NodeJS.ErrnoException) =>
        end({ failure: error.code === REFUSED_ADDRESS ? 'refused-address' : 'unreachable' }),
      );
      sent.end(body);
    });
  }

  /** Connects to what was looked at and to nothing else: a name that changes its mind in between gains nothing. */
  readonly #lookup: LookupFunction = (host, { family, hints }, callback) => {
    lookup(host, { ...(family === undefined ? {} : { family }), ...(hints === undefined ? {} : { hints }), all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const bad = found.length === 0 || found.some(({ address }) => !mayConnectTo(address, this.#allowed));
      if (bad) return callback(Object.assign(new Error(`${host} is not where anything goes`), { code: REFUSED_ADDRESS }), []);
      return callback(null, found);
    });
  };
}

function addressOf(text: string): URL | undefined {
  const url = URL.parse(text);
  return url !== null && url.protocol === 'https:' && url.username === '' && url.password === '' ? url : undefined;
}
