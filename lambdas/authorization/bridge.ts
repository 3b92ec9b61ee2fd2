import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

/** Where a request goes that is served by a listener of node:http; the host is the server's own word, never the caller's. */
export interface BridgeOptions {
  readonly host: string;
}

/** The event a request was made of: what a listener of node:http has no place for. */
const events = new WeakMap<IncomingMessage, APIGatewayProxyEvent>();

/** The event that became this request. @throws TypeError for a request that came by no event */
export function eventOf(request: IncomingMessage): APIGatewayProxyEvent {
  const event = events.get(request);
  if (event === undefined) throw new TypeError('this request came by no event');
  return event;
}

/** Hands an event to a listener of node:http, as a request over TLS, and waits for its answer. No socket is opened. */
export async function serveEvent(
  listener: RequestListener,
  event: APIGatewayProxyEvent,
  { host }: BridgeOptions,
): Promise<APIGatewayProxyResult> {
  const { request, response } = exchangeOf(event, host);
  const ended = new Promise<APIGatewayProxyResult>((resolve, reject) => {
    response.once('close', () => reject(new Error('the answer was broken off')));
    response.once('finish', () => resolve(response.result()));
  });
  listener(request, response);
  return await ended;
}

/** A request and the response to it, without a listener: for what works on both itself. */
export function exchangeOf(
  event: APIGatewayProxyEvent,
  host: string,
): { readonly request: IncomingMessage; readonly response: CapturedResponse } {
  const socket = new NoSocket();
  const request = new IncomingMessage(socket as never);
  const body = event.body === null ? Buffer.alloc(0) : Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  request.method = event.httpMethod;
  request.url = event.path + queryOf(event);
  request.httpVersion = '1.1';
  const headers = Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? ''] as const);
  request.headers = { ...Object.fromEntries(headers), host, ...(body.length > 0 && { 'content-length': String(body.length) }) };
  request.push(body.length > 0 ? body : null);
  if (body.length > 0) request.push(null);
  request.complete = true;
  events.set(request, event);
  return { request, response: new CapturedResponse(request) };
}

function queryOf({ queryStringParameters }: APIGatewayProxyEvent): string {
  const pairs = Object.entries(queryStringParameters ?? {}).map(([name, value]): [string, string] => [name, value ?? '']);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

/** Stands where a connection would: encrypted, and nothing comes or goes. */
class NoSocket extends Duplex {
  readonly encrypted = true;
  readonly remoteAddress = '127.0.0.1';

  override _read(): void {
    // Everything there is lies in the request already.
  }

  override _write(_chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}

/** Keeps what is written. */
export class CapturedResponse extends ServerResponse {
  readonly #chunks: Buffer[] = [];

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    this.#keep(chunk, rest[0]);
    return true;
  }

  override end(chunk?: unknown, encoding?: unknown): this {
    this.#keep(chunk, encoding);
    this.finished = true;
    queueMicrotask(() => this.emit('finish'));
    return this;
  }

  override flushHeaders(): void {
    // They leave with the answer.
  }

  result(): APIGatewayProxyResult {
    const headers: Record<string, string> = {};
    const multiValueHeaders: Record<string, string[]> = {};
    for (const [name, value] of Object.entries(this.getHeaders())) {
      if (name === 'content-length' || value === undefined) continue;
      if (Array.isArray(value)) multiValueHeaders[name] = value;
      else headers[name] = String(value);
    }
    return { statusCode: this.statusCode, headers, multiValueHeaders, body: Buffer.concat(this.#chunks).toString() };
  }

  #keep(chunk: unknown, encoding: unknown): void {
    if (typeof chunk === 'string')
      this.#chunks.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
    else if (chunk instanceof Uint8Array) this.#chunks.push(Buffer.from(chunk));
  }
}
