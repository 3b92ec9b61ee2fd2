import { computed, signal } from '@preact/signals';

export const LANGUAGES = ['en', 'de', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** One text, or one for each plural form the language has; `{name}` stands for a parameter, and `n` chooses the form. */
export type Message = string | { readonly one: string; readonly other: string };
type Catalogue<Key extends string> = Readonly<Record<Key, Message>>;
export type Parameters = Readonly<Record<string, string | number>>;

/** The language of every text, number and date. */
export const language = signal<Language>('en');

const preferred = signal<readonly string[]>([]);

/** BCP 47: the region that the person's browser names with the language, where it names one. */
export const locale = computed(() => preferred.value.find((tag) => languageOf(tag) === language.value) ?? DEFAULT_LOCALES[language.value]);

const DEFAULT_LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE', fr: 'fr-FR' };

/** @param tags of the browser, best first @param chosen by the person, where they chose */
export function takeLanguages(tags: readonly string[], chosen: string | null): void {
  preferred.value = tags;
  const known = (chosen === null ? tags : [chosen, ...tags]).map(languageOf).find((tag) => tag !== undefined);
  language.value = known ?? 'en';
}

/** Reads texts in the language of the moment; what a component reads so changes with it. */
export interface Translate<Key extends string> {
  (key: Key, parameters?: Parameters): string;
  readonly catalogues: Readonly<Record<Language, Catalogue<Key>>>;
}

/** Every language has every text: the type of the English ones demands it. */
export function createMessages<Key extends string>(catalogues: {
  readonly en: Catalogue<Key>;
  readonly de: Catalogue<NoInfer<Key>>;
  readonly fr: Catalogue<NoInfer<Key>>;
}): Translate<Key> {
  const translate = (key: Key, parameters: Parameters = {}) => filled(catalogues[language.value][key], language.value, parameters);
  return Object.assign(translate, { catalogues });
}

function filled(message: Message, tag: string, parameters: Parameters): string {
  const text = typeof message === 'string' ? message : chosen(message, tag, parameters['n']);
  const said = text.replaceAll(/\{(\w+)\}/g, (hole, name: string) => String(parameters[name] ?? hole));
  return tag === 'fr' ? frenchSpaced(said) : said;
}

/** No line begins with a mark that French sets off by a space. */
export function frenchSpaced(text: string): string {
  return text.replaceAll(/ (?=[;!?])/g, '\u202f').replaceAll(/ (?=[:»%])|(?<=«) /g, '\u00a0');
}

function chosen(message: Exclude<Message, string>, tag: string, n: string | number | undefined): string {
  return new Intl.PluralRules(tag).select(Number(n ?? 0)) === 'one' ? message.one : message.other;
}

function languageOf(tag: string): Language | undefined {
  return LANGUAGES.find((known) => known === tag.slice(0, 2).toLowerCase());
}
