import { createHash } from 'node:crypto';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { writeFeed } from '../../exchange/espi/feed.ts';
import type { SharedSeries } from '../../exchange/usage/shared-usage.ts';
import { usageJson } from '../../exchange/usage/usage-files.ts';

export type Form = 'xml' | 'json';

const MEDIA: Readonly<Record<Form, string>> = { xml: 'application/atom+xml', json: 'application/json' };
const NAMES: Readonly<Record<string, Form>> = {
  'application/atom+xml': 'xml',
  'application/xml': 'xml',
  'application/json': 'json',
  'application/*': 'xml',
  '*/*': 'xml',
};

/** The form a client would rather have, Green Button where it doesn't say; undefined for none of ours. @source RFC 9110 12.5.1 */
export function formOf(accept: string | undefined): Form | undefined {
  if (accept === undefined || accept.trim() === '') return 'xml';
  const wished = accept.split(',').map((part) => {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    return { form: Object.hasOwn(NAMES, name) ? NAMES[name] : undefined, weight: Number.isFinite(weight) ? weight : 0 };
  });
  const known = wished.filter(({ form, weight }) => form !== undefined && weight > 0);
  return known.sort((one, other) => other.weight - one.weight)[0]?.form;
}

/** A page as it leaves. */
export interface PageTerms {
  /** Address of the subscription. */
  readonly base: string;
  /** Address of the page behind this one. */
  readonly next?: string;
  /** SHA-256 of the rows, hex. */
  readonly hash: string;
  /** UTC ms. */
  readonly now: number;
}

export function tagOf(form: Form, { hash, next }: Pick<PageTerms, 'hash' | 'next'>): string {
  const name = createHash('sha256')
    .update(JSON.stringify([form, hash, next !== undefined]))
    .digest('base64url');
  return `"${name.slice(0, 22)}"`;
}

/** Series as Green Button or JSON. No name, no address, no id of the service has a place in either. */
export function representPage(form: Form, series: readonly SharedSeries[], terms: PageTerms): APIGatewayProxyResult {
  const { base, next, now } = terms;
  const usage = { series, bills: [] };
  const etag = tagOf(form, terms);
  const headers = {
    'content-type': MEDIA[form],
    etag,
    'cache-control': 'private, no-cache',
    vary: 'accept',
    ...(next !== undefined && { link: `<${next}>; rel="next"` }),
  };
  if (form === 'xml')
    return {
      statusCode: 200,
      headers,
      body: writeFeed(usage, { base, title: 'Energy usage', updatedAt: now, ...(next !== undefined && { next }) }),
    };
  const body = { ...(JSON.parse(usageJson(usage)) as Record<string, unknown>), ...(next !== undefined && { next }) };
  return { statusCode: 200, headers, body: JSON.stringify(body) };
}

export function unchanged(etag: string): APIGatewayProxyResult {
  return { statusCode: 304, headers: { etag, 'cache-control': 'private, no-cache', vary: 'accept' }, body: '' };
}
