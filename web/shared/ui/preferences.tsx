import { chooseLanguage } from '../follow-language.ts';
import { LANGUAGES, type Language, language } from '../i18n.ts';
import { THEMES, type Theme, theme } from '../theme.ts';
import { t } from './messages.ts';

const OWN_NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch', fr: 'Français' };

/** Language and brightness. */
export function Preferences() {
  return (
    <div class="preferences">
      <label class="field">
        <span class="small soft">{t('language')}</span>
        <select class="select" value={language.value} onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}>
          {LANGUAGES.map((tag) => (
            <option key={tag} value={tag} lang={tag}>
              {OWN_NAMES[tag]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="small soft">{t('theme')}</span>
        <select class="select" value={theme.value} onChange={(event) => choose(event.currentTarget.value as Theme)}>
          {THEMES.map((name) => (
            <option key={name} value={name}>
              {t(name)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function choose(name: Theme): void {
  theme.value = name;
}
