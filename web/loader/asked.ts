import type { Refusal } from '../../protocol/application/start.ts';

export const INDEX = 'index.html';
/** Files of the site: under assets/, or right under the root with an ending. Paths of the API are neither. */
const SITE_FILE = /^(?:assets\/[\w./-]+|[\w-][\w.-]*\.[a-z]+)$/;

/** What a browser asks of the site. */
export type Asked = { readonly what: 'start' } | { readonly what: 'file'; readonly path: string };

/** @param origin of the site @returns undefined for what is not the service worker's: it goes to the server as it is */
export function askedOf({ method, mode, url }: Pick<Request, 'method' | 'mode' | 'url'>, origin: string): Asked | undefined {
  const { origin: of, pathname } = new URL(url);
  if (method !== 'GET' || of !== origin) return undefined;
  const path = pathname === '/' ? INDEX : pathname.slice(1);
  if (mode === 'navigate') return path === INDEX ? { what: 'start' } : undefined;
  return SITE_FILE.test(path) ? { what: 'file', path } : undefined;
}

/**
 * What a start does: `kept` shows what is kept, `server` asks the server, since nothing is kept or what is kept was replaced, `refuse` shows
 * nothing: what is kept was tampered with, and the server may be the one that did it.
 */
export function startOf(kept: { readonly manifest: unknown } | { readonly refused: Refusal } | undefined): 'kept' | 'server' | 'refuse' {
  if (kept === undefined) return 'server';
  if ('manifest' in kept) return 'kept';
  return kept.refused === 'older-version' || kept.refused === 'below-minimum' ? 'server' : 'refuse';
}
