import type { IncomingHttpHeaders } from 'node:http';
import type { RouteRate } from '../../../topology/route.ts';

/** A file as it is sent: ready in every encoding, so that a request costs a look-up. */
export interface SiteFile {
  readonly body: Buffer;
  /** Smaller than the body; by content coding, the best first. */
  readonly encoded: readonly { readonly coding: 'br' | 'gzip'; readonly body: Buffer }[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without quotes. */
  readonly etag: string;
}

/** What a door shows to browsers, by path of the request, e.g. `/`. */
export type Site = ReadonlyMap<string, SiteFile>;

/** One start is a dozen files, twice on the first one, when the service worker keeps them. */
export const SITE_RATE: RouteRate = { burst: 240, perMinute: 480 };

export interface SiteReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Whether this is a question for the site at all. */
export function fileOf(site: Site | undefined, method: string | undefined, path: string): SiteFile | undefined {
  return method === 'GET' || method === 'HEAD' ? site?.get(path) : undefined;
}

/** The file in the best encoding that the caller takes, or 304 when it has it. */
export function siteReply({ body, encoded, headers, etag }: SiteFile, asked: IncomingHttpHeaders): SiteReply {
  const taken = codings(asked['accept-encoding']);
  const best = encoded.find(({ coding }) => taken.has(coding));
  const tag = `"${etag}${best === undefined ? '' : `-${best.coding}`}"`;
  const common = { ...headers, etag: tag, vary: 'accept-encoding' };
  const known = (asked['if-none-match'] ?? '').split(',').map((value) => value.trim().replace(/^W\//, ''));
  if (known.includes(tag)) return { status: 304, headers: common, body: Buffer.alloc(0) };
  if (best === undefined) return { status: 200, headers: common, body };
  return { status: 200, headers: { ...common, 'content-encoding': best.coding }, body: best.body };
}

/** @source RFC 9110 12.5.3 (a weight of 0 is a refusal) */
function codings(header: string | string[] | undefined): ReadonlySet<string> {
  const entries = String(header ?? '')
    .toLowerCase()
    .split(',')
    .map((entry) => entry.split(';').map((part) => part.trim()));
  return new Set(entries.filter(([, weight]) => !/^q=0(?:\.0*)?$/.test(weight ?? '')).map(([coding]) => coding ?? ''));
}
