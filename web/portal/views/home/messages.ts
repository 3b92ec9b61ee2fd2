import { createMessages } from '../../../shared/i18n.ts';

export const t = createMessages({
  en: { title: 'Home' },
  de: { title: 'Übersicht' },
  fr: { title: 'Accueil' },
});
