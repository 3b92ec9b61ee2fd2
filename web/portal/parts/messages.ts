import { createMessages } from '../../shared/i18n.ts';

/** Words of the parts that several views use. */
export const t = createMessages({
  en: { copied: 'Copied', notCopied: 'The browser does not allow copying. Select the text instead.' },
  de: { copied: 'Kopiert', notCopied: 'Der Browser erlaubt das Kopieren nicht. Markieren Sie stattdessen den Text.' },
  fr: { copied: 'Copié', notCopied: 'Le navigateur ne permet pas de copier. Sélectionnez le texte à la place.' },
});
