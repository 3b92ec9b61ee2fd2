import { effect } from '@preact/signals';
import { type Language, language, takeLanguages } from './i18n.ts';

const KEPT_AS = 'joulekeep-language';

/** The person's language of last time, else the browser's; the document says which. */
export function followLanguage(): void {
  takeLanguages(navigator.languages, localStorage.getItem(KEPT_AS));
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

/** The person chose. */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem(KEPT_AS, chosen);
}
