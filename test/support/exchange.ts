import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';

/** What is sent to a door over TLS. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A form or JSON as a body, with the headers that say so; of neither, nothing. */
export function written({ form, json }: Pick<Sent, 'form' | 'json'>): {
  readonly body: string | undefined;
  readonly typed: Readonly<Record<string, string>>;
} {
  const body = form !== undefined ? new URLSearchParams(form).toString() : json !== undefined ? JSON.stringify(json) : undefined;
  if (body === undefined) return { body, typed: {} };
  const type = form !== undefined ? 'application/x-www-form-urlencoded' : 'application/json';
  return { body, typed: { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) } };
}

/** One request on a connection of its own, and its whole answer. @throws when the connection ends without one */
export async function exchange(options: RequestOptions, body?: string | Buffer): Promise<Answered> {
  const outgoing = request({ host: '127.0.0.1', agent: false, ...options });
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  outgoing.end(body);
  const [incoming] = await answered;
  const chunks = (await Array.fromAsync(incoming)) as Buffer[];
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString() };
}
