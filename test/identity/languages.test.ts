import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languageFor } from '../../platform/embedded/identity/languages.ts';
import { type Known, SessionWorld } from '../session/session-world.ts';

let world: SessionWorld;
let anna: Known;

beforeAll(async () => {
  world = await SessionWorld.open();
  anna = await world.known('anna', { kind: 'customer', account: 'account-00001' });
});
afterAll(() => world.close());

const SPOKEN = [
  ['en', 'Passphrase', 'That name and passphrase do not go together.'],
  ['de', 'Anmelden: Kundenportal', 'Name und Passphrase passen nicht zusammen.'],
  ['fr', 'Phrase secrète', 'Ce nom et cette phrase secrète ne vont pas ensemble.'],
] as const;
const languageOf = (text: string) => /<html lang="(..)">/.exec(text)?.[1];

describe('the language of the provider’s pages', () => {
  it.each(SPOKEN)('is %s for a browser that asks for it, refusals and what the script says included', async (language, words, refusal) => {
    const browser = await world.browser();
    const { place } = await browser.ask();
    const headers = { 'accept-language': `xx, ${language}-CH;q=0.8, en;q=0.5` };
    const page = await browser.atProvider(place, { headers });
    expect(languageOf(page.text)).toBe(language);
    expect(page.text).toContain(words);
    const refused = await browser.atProvider(`${place}/passphrase`, {
      ...{ method: 'POST', headers, form: { name: 'anna', passphrase: 'x' } },
    });
    expect([refused.status, languageOf(refused.text)]).toEqual([401, language]);
    expect(refused.text).toContain(refusal);
  });

  it('is the application’s before the browser’s, and the one chosen on the page before both', async () => {
    const browser = await world.browser();
    const { place } = await browser.ask({ ui_locales: 'de' });
    const headers = { 'accept-language': 'fr' };
    const page = await browser.atProvider(place, { headers });
    expect(languageOf(page.text)).toBe('de');
    const english = /<a href="([^"]+)" lang="en"/.exec(page.text)?.[1] ?? '';
    const chosen = await browser.atProvider(english, { headers });
    expect(languageOf(chosen.text)).toBe('en');
    // The form keeps what was chosen.
    const action = /<form method="post" action="([^"]+)"/.exec(chosen.text)?.[1] ?? '';
    const refused = await browser.atProvider(action, { method: 'POST', headers, form: { name: 'anna', passphrase: 'x' } });
    expect(languageOf(refused.text)).toBe('en');
    const given = await browser.atProvider(action, { method: 'POST', headers, form: anna as never });
    expect(given.status).toBe(303);
    await browser.follow(String(given.headers['location']));
    // Whoever comes to their passkeys, or signs out, comes without an application that says so.
    for (const path of ['/passkeys', '/session/end'])
      expect(languageOf((await browser.atProvider(path, { headers })).text), path).toBe('en');
    const other = await browser.atProvider('/passkeys?language=fr', { headers: {} });
    expect(other.text).toContain('Clés d’accès de anna');
  });

  it('is one of three, whatever is asked', () => {
    const asked = (url: string, ui: unknown, headers: Record<string, string> = {}) => languageFor({ url, headers }, ui);
    expect(asked('/', undefined)).toBe('en');
    expect(asked('/?language="><script>', '../../x', { cookie: 'identity_language=xx', 'accept-language': ',;q=,*' })).toBe('en');
    expect(asked('/', undefined, { 'accept-language': 'fr;q=0, de;q=0.1' })).toBe('de');
    expect(asked('/', 'es fr-CA')).toBe('fr');
    expect(asked('/', undefined, { cookie: 'other_identity_language=de; identity_language=fr' })).toBe('fr');
  });
});
