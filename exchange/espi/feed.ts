import { createHash } from 'node:crypto';
import { XMLBuilder } from 'fast-xml-parser';
import type { SharedUsage } from '../usage/shared-usage.ts';
import { type Resource, resourcesOf } from './resources.ts';

/** What a feed says of itself. */
export interface FeedTerms {
  /** Where its resources are, e.g. `https://share.example.org/espi/1_1/resource/Subscription/s-1`; no slash at the end. */
  readonly base: string;
  readonly title: string;
  /** UTC ms. */
  readonly updatedAt: number;
  /** Page that follows, a whole address. */
  readonly next?: string;
}

const ATOM = 'http://www.w3.org/2005/Atom';
const ESPI = 'http://naesb.org/espi';

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true, format: true, indentBy: ' ' });

/**
 * A Green Button feed: Atom that carries ESPI 4.0. The same usage and terms give the same bytes. Ids of entries are made from the
 * addresses of resources, which hold pseudonyms: a feed names nobody and no meter.
 * @source NAESB REQ.21 ESPI 4.0; X.1332 9.3
 */
export function writeFeed(usage: SharedUsage, terms: FeedTerms): string {
  return [...feedPieces(usage, terms)].join('');
}

/** The same bytes, piece by piece, none of more than a local day's readings: whoever writes a long one can do something else in between. */
export function* feedPieces({ series, bills }: SharedUsage, { base, title, updatedAt, next }: FeedTerms): Generator<string, void, void> {
  const updated = new Date(updatedAt).toISOString();
  const feed = {
    '@xmlns': ATOM,
    id: uuidOf(`${base} ${updated}`),
    title,
    updated,
    link: [link('self', base), ...(next === undefined ? [] : [link('next', next)])],
  };
  const [begin, end] = aroundEnd(builder.build({ feed }));
  yield `<?xml version="1.0" encoding="UTF-8"?>\n${begin}`;
  for (const resource of resourcesOf(series, bills)) {
    const [entry] = aroundEnd(builder.build({ feed: { entry: entryOf(resource, base, updated) } }));
    yield entry.slice(BARE_FEED.length);
  }
  yield end;
}

const BARE_FEED = '<feed>\n';

/** @returns what comes before the end of the feed, and that end */
function aroundEnd(xml: string): [string, string] {
  const at = xml.lastIndexOf('</feed>');
  return [xml.slice(0, at), xml.slice(at)];
}

function entryOf(
  { title, self, up, related, element, content }: Resource,
  base: string,
  updated: string,
): Readonly<Record<string, unknown>> {
  const links = [
    link('self', `${base}/${self}`),
    link('up', `${base}/${up}`),
    ...related.map((path) => link('related', `${base}/${path}`)),
  ];
  return {
    id: uuidOf(`${base}/${self}`),
    link: links,
    title,
    content: { [element]: { '@xmlns': ESPI, ...content } },
    published: updated,
    updated,
  };
}

function link(rel: string, href: string): Readonly<Record<string, string>> {
  return { '@rel': rel, '@href': href };
}

/** A name-based UUID: version 8 of RFC 9562, of SHA-256. */
function uuidOf(name: string): string {
  const hash = createHash('sha256').update(name).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return `urn:uuid:${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')}`;
}
