import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROBLEM_MEDIA_TYPE, type ProblemName, problemOf } from '../../../api/problems.ts';

/** What is sent back, and whether the connection may go on. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
  readonly close: boolean;
  /** To somebody who asks too often. */
  readonly tooMany?: true;
}

export function problem(name: ProblemName, requestId: string, close: boolean): Reply {
  const body = problemOf(name, requestId);
  return { status: body.status, headers: { 'content-type': PROBLEM_MEDIA_TYPE }, body: JSON.stringify(body), close };
}

/** @param wait seconds until asking again makes sense */
export function tooMany(requestId: string, wait: number): Reply {
  const refused = problem('too-many-requests', requestId, true);
  return { ...refused, headers: { ...refused.headers, 'retry-after': String(wait) }, tooMany: true };
}

/** Whether a request brings nothing but its head: a connection can go on behind it, whatever was said to it. */
export function isBare({ headers }: IncomingMessage): boolean {
  return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined && headers.expect === undefined;
}

/** Whose connection is to end gets no second request on it, and what is left of the body is not read. */
export function send(request: IncomingMessage, response: ServerResponse, requestId: string, { status, headers, body, close }: Reply): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'cache-control': 'no-store',
    ...headers,
    ...(status === 304 ? {} : { 'content-length': Buffer.byteLength(body) }),
    'strict-transport-security': 'max-age=63072000',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...(close ? { connection: 'close' } : {}),
  });
  if (close) response.once('finish', () => request.destroy());
  response.end(body);
}
