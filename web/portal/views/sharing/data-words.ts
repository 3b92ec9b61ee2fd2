import { createMessages, type Message } from '../../../shared/i18n.ts';

const en = {
  'purpose.bill-check': 'To check your bills and compare tariffs',
  'purpose.efficiency': 'To advise you on using less energy',
  'purpose.load-shifting': 'To advise you on using energy at other times',
  'purpose.research': 'For research on many homes together',
  'class.usage': 'Electricity you take from the grid',
  'class.generation': 'Electricity you send into the grid',
  'class.bills': 'Your bills',
  'resolution.month': 'one value for each month',
  'resolution.day': 'one value for each day',
  'resolution.hour': 'one value for each hour',
  'resolution.interval': 'every interval as it was measured',
  'reveals.month': 'That shows hardly more than a bill does.',
  'reveals.day': 'That can show on which days nobody was at home.',
  'reveals.hour': 'That can show when you are usually at home.',
  'reveals.interval': 'That can show your daily habits and single appliances.',
};

type Words = Readonly<Record<keyof typeof en, Message>>;

const de: Words = {
  'purpose.bill-check': 'Um Ihre Rechnungen zu prüfen und Tarife zu vergleichen',
  'purpose.efficiency': 'Um Sie beim Energiesparen zu beraten',
  'purpose.load-shifting': 'Um Sie zu beraten, wie Sie Energie zu anderen Zeiten nutzen',
  'purpose.research': 'Für Forschung an vielen Haushalten gemeinsam',
  'class.usage': 'Strom, den Sie aus dem Netz beziehen',
  'class.generation': 'Strom, den Sie ins Netz einspeisen',
  'class.bills': 'Ihre Rechnungen',
  'resolution.month': 'ein Wert für jeden Monat',
  'resolution.day': 'ein Wert für jeden Tag',
  'resolution.hour': 'ein Wert für jede Stunde',
  'resolution.interval': 'jedes Intervall, wie es gemessen wurde',
  'reveals.month': 'Das zeigt kaum mehr als eine Rechnung.',
  'reveals.day': 'Das kann zeigen, an welchen Tagen niemand zu Hause war.',
  'reveals.hour': 'Das kann zeigen, wann Sie gewöhnlich zu Hause sind.',
  'reveals.interval': 'Das kann Ihre täglichen Gewohnheiten und einzelne Geräte zeigen.',
};

const fr: Words = {
  'purpose.bill-check': 'Pour vérifier vos factures et comparer les tarifs',
  'purpose.efficiency': 'Pour vous conseiller afin de consommer moins',
  'purpose.load-shifting': 'Pour vous conseiller de consommer à d’autres moments',
  'purpose.research': 'Pour des recherches sur de nombreux logements ensemble',
  'class.usage': 'L’électricité que vous prenez sur le réseau',
  'class.generation': 'L’électricité que vous injectez dans le réseau',
  'class.bills': 'Vos factures',
  'resolution.month': 'une valeur par mois',
  'resolution.day': 'une valeur par jour',
  'resolution.hour': 'une valeur par heure',
  'resolution.interval': 'chaque intervalle tel qu’il a été mesuré',
  'reveals.month': 'Cela n’en dit guère plus qu’une facture.',
  'reveals.day': 'Cela peut montrer quels jours personne n’était là.',
  'reveals.hour': 'Cela peut montrer quand vous êtes habituellement chez vous.',
  'reveals.interval': 'Cela peut montrer vos habitudes quotidiennes et certains appareils.',
};

/** Purposes, kinds of data and resolutions in a customer's words, for the list of sharing and the question alike. */
export const words = createMessages({ en, de, fr });
