import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMessages, LANGUAGES, language, type Message, type Translate } from '../../web/shared/i18n.ts';

const WEB = join(dirname(dirname(import.meta.dirname)), 'web');
const FILES = globSync('**/messages.ts', { cwd: WEB }).sort();

async function cataloguesOf(file: string): Promise<Translate<string>['catalogues']> {
  const { t } = (await import(join(WEB, file))) as { t: Translate<string> };
  return t.catalogues;
}

const textsOf = (message: Message) => (typeof message === 'string' ? [message] : [message.one, message.other]);
const holesOf = (message: Message) => new Set(textsOf(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []));

describe('texts', () => {
  it('are found', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(4);
  });

  it.each(FILES)('of %s are there in every language, with the same parameters', async (file) => {
    const { en, ...others } = await cataloguesOf(file);
    expect(['en', ...Object.keys(others)]).toEqual(LANGUAGES);
    for (const [tag, catalogue] of Object.entries(others)) {
      expect(Object.keys(catalogue).sort(), tag).toEqual(Object.keys(en).sort());
      for (const [key, message] of Object.entries(catalogue)) {
        expect(
          textsOf(message).every((text) => text.trim() !== ''),
          `${tag} ${key}`,
        ).toBe(true);
        expect([...holesOf(message)].sort(), `${tag} ${key}`).toEqual([...holesOf(en[key]!)].sort());
      }
    }
  });

  it('in French keep a mark on the line of its word', () => {
    const t = createMessages({ en: { a: '' }, de: { a: 'Prüfen : ja ?' }, fr: { a: 'Prix : « {name} » ! {share} %; oui ?' } });
    language.value = 'fr';
    expect(t('a', { name: 'x', share: '5' })).toBe('Prix\u00a0: «\u00a0x\u00a0»\u202f! 5\u00a0%; oui\u202f?');
    language.value = 'de';
    expect(t('a')).toBe('Prüfen : ja ?');
  });

  it('take the plural form of their language, and keep a hole that nobody fills', () => {
    const form = { one: '{n} reading', other: '{n} readings' };
    const t = createMessages({
      en: { readings: form, plain: 'until {time}' },
      de: { readings: form, plain: 'bis {time}' },
      fr: { readings: form, plain: '' },
    });
    language.value = 'en';
    expect([t('readings', { n: 1 }), t('readings', { n: 0 })]).toEqual(['1 reading', '0 readings']);
    language.value = 'fr';
    expect(t('readings', { n: 0 })).toBe('0 reading');
    language.value = 'de';
    expect([t('plain'), t('plain', { time: '13:45' })]).toEqual(['bis {time}', 'bis 13:45']);
    expect(LANGUAGES).toEqual(['en', 'de', 'fr']);
  });
});
