import { createMessages } from '../../../shared/i18n.ts';

export const t = createMessages({
  en: { title: 'Usage' },
  de: { title: 'Verbrauch' },
  fr: { title: 'Consommation' },
});
