import type { Answered } from './exchange.ts';

/** A browser's cookies of one host, by name. */
export type CookieJar = Map<string, string>;

/** As a browser sends them; '' for none. */
export function cookieOf(jar: ReadonlyMap<string, string>): string {
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** Keeps what an answer sets, and forgets what it sets to nothing. */
export function keepCookies(jar: CookieJar, { headers }: Pick<Answered, 'headers'>): void {
  for (const line of [headers['set-cookie'] ?? []].flat()) {
    const [name = '', value = ''] = line.split(';')[0]!.split('=');
    if (value === '') jar.delete(name);
    else jar.set(name, value);
  }
}
