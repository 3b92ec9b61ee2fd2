export type Language = 'en' | 'de' | 'fr';

/** What the pages of the provider say; `{}` is the one name or date in it. */
export interface Words {
  /** Of the language itself, for who looks for it. */
  readonly own: string;
  readonly languages: string;
  readonly console: string;
  readonly portal: string;
  readonly signInTo: string;
  readonly name: string;
  readonly passphrase: string;
  readonly signIn: string;
  readonly withPasskey: string;
  readonly refused: string;
  readonly slower: string;
  readonly failed: string;
  readonly again: string;
  readonly over: string;
  readonly nothing: string;
  readonly noPage: string;
  readonly passkeys: string;
  readonly passkeysOf: string;
  readonly signInFirst: string;
  readonly noPasskeys: string;
  readonly added: string;
  readonly remove: string;
  readonly add: string;
  readonly tooLongAgo: string;
  readonly signOutQuestion: string;
  readonly stillSignedIn: string;
  readonly signOut: string;
  readonly cancel: string;
  readonly signedOut: string;
  readonly closeWindow: string;
  readonly didNotWork: string;
  readonly goBack: string;
}

const EN: Words = {
  own: 'English',
  languages: 'Language',
  console: 'Console',
  portal: 'Customer portal',
  signInTo: 'Sign in: {}',
  name: 'Name',
  passphrase: 'Passphrase',
  signIn: 'Sign in',
  withPasskey: 'Sign in with a passkey',
  refused: 'That name and passphrase do not go together.',
  slower: 'Too many attempts. Wait a minute, then try again.',
  failed: 'That did not work. Try again, or go on without a passkey.',
  again: 'Begin again',
  over: 'This sign-in is over.',
  nothing: 'Nothing here',
  noPage: 'There is no such page.',
  passkeys: 'Passkeys',
  passkeysOf: 'Passkeys of {}',
  signInFirst: 'Sign in first, then come back.',
  noPasskeys: 'You have no passkeys yet.',
  added: 'added {}',
  remove: 'Remove',
  add: 'Add a passkey',
  tooLongAgo: 'You signed in a while ago. To add or remove passkeys, sign in again first.',
  signOutQuestion: 'Sign out?',
  stillSignedIn: 'You are still signed in here.',
  signOut: 'Sign out',
  cancel: 'Cancel',
  signedOut: 'You are signed out',
  closeWindow: 'You can close this window.',
  didNotWork: 'This did not work',
  goBack: 'Go back to where you came from, and begin again. ({})',
};

const DE: Words = {
  own: 'Deutsch',
  languages: 'Sprache',
  console: 'Konsole',
  portal: 'Kundenportal',
  signInTo: 'Anmelden: {}',
  name: 'Name',
  passphrase: 'Passphrase',
  signIn: 'Anmelden',
  withPasskey: 'Mit einem Passkey anmelden',
  refused: 'Name und Passphrase passen nicht zusammen.',
  slower: 'Zu viele Versuche. Warten Sie eine Minute, dann versuchen Sie es noch einmal.',
  failed: 'Das hat nicht geklappt. Versuchen Sie es noch einmal, oder machen Sie ohne Passkey weiter.',
  again: 'Noch einmal beginnen',
  over: 'Diese Anmeldung ist vorbei.',
  nothing: 'Hier ist nichts',
  noPage: 'Diese Seite gibt es nicht.',
  passkeys: 'Passkeys',
  passkeysOf: 'Passkeys von {}',
  signInFirst: 'Melden Sie sich zuerst an, dann kommen Sie wieder.',
  noPasskeys: 'Sie haben noch keine Passkeys.',
  added: 'hinzugefügt am {}',
  remove: 'Entfernen',
  add: 'Passkey hinzufügen',
  tooLongAgo: 'Ihre Anmeldung ist eine Weile her. Um Passkeys hinzuzufügen oder zu entfernen, melden Sie sich bitte neu an.',
  signOutQuestion: 'Abmelden?',
  stillSignedIn: 'Hier sind Sie noch angemeldet.',
  signOut: 'Abmelden',
  cancel: 'Abbrechen',
  signedOut: 'Sie sind abgemeldet',
  closeWindow: 'Sie können dieses Fenster schließen.',
  didNotWork: 'Das hat nicht geklappt',
  goBack: 'Gehen Sie dorthin zurück, woher Sie kamen, und beginnen Sie noch einmal. ({})',
};

const FR: Words = {
  own: 'Français',
  languages: 'Langue',
  console: 'Console',
  portal: 'Portail client',
  signInTo: 'Connexion\u00a0: {}',
  name: 'Nom',
  passphrase: 'Phrase secrète',
  signIn: 'Se connecter',
  withPasskey: 'Se connecter avec une clé d’accès',
  refused: 'Ce nom et cette phrase secrète ne vont pas ensemble.',
  slower: 'Trop d’essais. Attendez une minute, puis réessayez.',
  failed: 'Cela n’a pas fonctionné. Réessayez, ou continuez sans clé d’accès.',
  again: 'Recommencez',
  over: 'Cette connexion est terminée.',
  nothing: 'Il n’y a rien ici',
  noPage: 'Cette page n’existe pas.',
  passkeys: 'Clés d’accès',
  passkeysOf: 'Clés d’accès de {}',
  signInFirst: 'Connectez-vous d’abord, puis revenez.',
  noPasskeys: 'Vous n’avez pas encore de clé d’accès.',
  added: 'ajoutée le {}',
  remove: 'Retirer',
  add: 'Ajouter une clé d’accès',
  tooLongAgo: 'Votre connexion date un peu. Pour ajouter ou retirer des clés d’accès, connectez-vous de nouveau.',
  signOutQuestion: 'Se déconnecter\u202f?',
  stillSignedIn: 'Vous êtes encore connecté ici.',
  signOut: 'Se déconnecter',
  cancel: 'Annuler',
  signedOut: 'Vous êtes déconnecté',
  closeWindow: 'Vous pouvez fermer cette fenêtre.',
  didNotWork: 'Cela n’a pas fonctionné',
  goBack: 'Revenez d’où vous venez, et recommencez. ({})',
};

/** Every language has every text, or it does not compile. */
export const WORDS: Readonly<Record<Language, Words>> = { en: EN, de: DE, fr: FR };
