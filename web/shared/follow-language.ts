import { effect } from '@preact/signals';
import { type Language, language, takeLanguages } from './i18n.ts';
import { loadTexts } from './texts.ts';

const KEPT_AS = 'joulekeep-language';

/** The person's language of last time, else the browser's, as far as its texts are to be had; the document says which. */
export async function followLanguage(): Promise<void> {
  takeLanguages(navigator.languages, localStorage.getItem(KEPT_AS));
  if (!(await loadTexts(language.value))) language.value = 'en';
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

/** The person chose. What can't be had is not shown. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  if (!(await loadTexts(chosen))) return;
  language.value = chosen;
  localStorage.setItem(KEPT_AS, chosen);
}
