import type { IncomingMessage } from 'node:http';
import { type Language, WORDS } from './words.ts';

const COOKIE = 'identity_language';
const LANGUAGES = Object.keys(WORDS) as readonly Language[];

/** The query parameter by which somebody chooses. */
export const CHOOSES = 'language';

/**
 * In which language a page speaks: that which was chosen on a page, else that of the application that sent the browser, else that of last time,
 * else the browser's, else English.
 * @param asked `ui_locales` of the application, best first, by spaces
 */
export function languageFor({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>, asked: unknown): Language {
  const chosen = new URLSearchParams(url.split('?')[1] ?? '').get(CHOOSES) ?? '';
  const kept = new RegExp(`(?:^|; *)${COOKIE}=([a-z]{2})(?:;|$)`).exec(headers.cookie ?? '')?.[1] ?? '';
  const wanted = [chosen, ...(typeof asked === 'string' ? asked.split(' ') : []), kept, ...accepted(headers['accept-language'] ?? '')];
  return wanted.map(known).find((language) => language !== undefined) ?? 'en';
}

/** @returns the header that keeps a language until the browser is closed, for the pages that no application sent anybody to */
export function keptLanguage(language: Language): string {
  return `${COOKIE}=${language}; Path=/; HttpOnly; Secure; SameSite=Lax`;
}

/** Tags of `accept-language`, best first; the order where none is better. @source RFC 9110 12.5.4 */
function accepted(header: string): readonly string[] {
  const ranked = header.split(',').map((part) => {
    const [tag = '', weight = 'q=1'] = part.split(';').map((text) => text.trim());
    return { tag, q: Number(/^q=([\d.]+)$/.exec(weight)?.[1] ?? 0) };
  });
  return ranked
    .filter(({ q }) => q > 0)
    .sort((one, other) => other.q - one.q)
    .map(({ tag }) => tag);
}

function known(tag: string): Language | undefined {
  return LANGUAGES.find((language) => language === tag.slice(0, 2).toLowerCase());
}
