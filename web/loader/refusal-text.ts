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

const EXPIRED: Readonly<Record<string, string>> = {
  en: 'No network: this application could not be checked for a newer version since',
  de: 'Kein Netz: Diese Anwendung konnte nicht auf eine neuere Fassung geprüft werden seit dem',
  fr: 'Pas de réseau : aucune version plus récente de cette application n’a pu être cherchée depuis le',
};

/** @param since UTC ms */
export function expiredText(language: string, since: number): string {
  return `${EXPIRED[language.slice(0, 2)] ?? EXPIRED['en']!} ${new Date(since).toLocaleDateString(language)}.`;
}

/** Two sentences in the language of the device, English if it is another; the code follows them. */
export function refusalText(language: string): readonly [string, string] {
  return TEXTS[language.slice(0, 2)] ?? TEXTS['en']!;
}
