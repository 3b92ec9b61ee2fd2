import type { ProblemName } from '../../api/problems.ts';
import type { Route } from '../../topology/route.ts';

const MEDIA_TYPES = {
  json: /^application\/json(;\s*charset=utf-8)?$/i,
  form: /^application\/x-www-form-urlencoded(;\s*charset=utf-8)?$/i,
} as const;

/** What is in the request's target. A query that names a field twice has no one meaning, and none is given to it. */
export interface Target {
  readonly path: string;
  readonly query: Readonly<Record<string, string>> | undefined;
}

/** What is known of a request before its body. */
export interface AnnouncedBody {
  readonly method?: string | undefined;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** @param queryBytes the most a query may have */
export function targetOf(url: string, queryBytes: number): Target {
  const at = url.indexOf('?');
  if (at < 0) return { path: url, query: {} };
  const [path, text] = [url.slice(0, at), url.slice(at + 1)];
  if (text.length > queryBytes) return { path, query: undefined };
  const pairs = [...new URLSearchParams(text)];
  const unique = new Set(pairs.map(([name]) => name)).size === pairs.length;
  return { path, query: unique ? Object.fromEntries(pairs) : undefined };
}

/** Whether a request may have the body it announces, before any of it is read. */
export function bodyFault({ method, headers }: AnnouncedBody, bodyBytes: number, takes: Route['takes'] = 'json'): ProblemName | undefined {
  const length = Number(headers['content-length'] ?? 0);
  const announced = length > 0 || headers['transfer-encoding'] !== undefined;
  if (headers['expect'] !== undefined) return 'request-invalid';
  if (method === 'GET') return announced ? 'request-invalid' : undefined;
  if (headers['content-encoding'] !== undefined) return 'media-type';
  // A page of somebody else's can send a form without a body; it cannot send this header.
  if (!announced && (method === 'DELETE' || headers['authorization'] !== undefined)) return undefined;
  if (!MEDIA_TYPES[takes].test(String(headers['content-type'] ?? ''))) return 'media-type';
  return length > bodyBytes ? 'body-too-large' : undefined;
}
