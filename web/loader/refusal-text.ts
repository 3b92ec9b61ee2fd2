const TEXTS: Readonly<Record<string, readonly [string, string]>> = {
  en: ['This application was not started, because it could not be verified.', 'Try again later, or tell your utility this code:'],
  de: [
    'Diese Anwendung wurde nicht gestartet, weil sie nicht geprüft werden konnte.',
    'Versuchen Sie es später, oder nennen Sie Ihrem Versorger diesen Code:',
  ],
  fr: [
    "Cette application n'a pas démarré, car elle n'a pas pu être vérifiée.",
    'Réessayez plus tard, ou indiquez ce code à votre fournisseur :',
  ],
};

/** Two sentences in the language of the device, English if it is another; the code follows them. */
export function refusalText(language: string): readonly [string, string] {
  return TEXTS[language.slice(0, 2)] ?? TEXTS['en']!;
}
