import { createHash } from 'node:crypto';
import type { OidcContext } from 'oidc-provider';
import { CHOOSES, languageFor } from './languages.ts';
import type { Passkey } from './passkeys.ts';
import { type Language, WORDS, type Words } from './words.ts';

const STYLE = [
  ':root{color-scheme:light dark;--accent:#0b6b60;--on:#fff;--page:#f4f6f5;--card:#fff;--line:#c5d0cc}',
  '@media(prefers-color-scheme:dark){:root{--accent:#5cc9b8;--on:#04201c;--page:#101715;--card:#18211f;--line:#3a4a46}}',
  'body{font:1.05rem/1.5 system-ui,sans-serif;background:var(--page);margin:0;padding:1rem}',
  'main{max-width:24rem;margin:min(12vh,5rem) auto 0;padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:1rem}',
  'h1{font-size:1.4rem;line-height:1.3;margin:0}label{display:block;font-weight:600;margin-top:1rem}',
  'input,button{font:inherit;box-sizing:border-box;inline-size:100%;padding:.65rem .8rem;border:1px solid GrayText;border-radius:.5rem}',
  'input{margin-top:.3rem}button{margin-block:1.2rem 0;font-weight:600;border-color:transparent;background:var(--accent);color:var(--on);cursor:pointer}',
  '#passkey,button.plain{background:transparent;color:inherit;border-color:GrayText}#passkey{margin-block:.7rem 0}',
  'button.plain{inline-size:auto;padding:.3rem .8rem;margin:0}:focus-visible{outline:3px solid Highlight;outline-offset:2px}',
  '[role=alert]{border-inline-start:.4rem solid #c62828;padding:.3rem .8rem;margin:1rem 0}',
  'nav{max-width:24rem;margin:1rem auto;display:flex;gap:1.2rem;justify-content:center}nav a{color:var(--accent)}[aria-current]{font-weight:600}',
  'li{display:flex;gap:1rem;justify-content:space-between;align-items:center;padding:.5rem 0}ul{list-style:none;padding:0}',
].join('');
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Where the one script lies that pages load. */
export const SCRIPT_PATH = '/assets/passkeys.js';

/** Where forms may lead besides here: a form that was answered leads on to the application. */
export function contentPolicy(origins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'sha256-${STYLE_HASH}'`,
    "connect-src 'self'",
    `form-action ${["'self'", ...origins].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** A page's language, and where it lies: who chooses another is led there. */
export interface Spoken {
  readonly language: Language;
  /** Path without a query; absent where the page can't be asked for again. */
  readonly place?: string;
}

export type SignInFault = 'refused' | 'slower';

/** @param fault what went wrong, in words that are the same whatever it was */
export function signInPage(uid: string, application: 'console' | 'portal', language: Language, fault?: SignInFault): string {
  const words = WORDS[language];
  const place = `/interaction/${encodeURIComponent(uid)}`;
  const alert = fault === undefined ? '' : `<p role="alert">${escaped(words[fault])}</p>`;
  const passkey = `<button type="button" id="passkey" data-place="${place}" hidden>${escaped(words.withPasskey)}</button>${told(words)}`;
  const form = [
    `<form method="post" action="${place}/passphrase?${CHOOSES}=${language}">`,
    `<label for="name">${escaped(words.name)}</label><input id="name" name="name" autocomplete="username webauthn" autocapitalize="none" spellcheck="false" required maxlength="63">`,
    `<label for="passphrase">${escaped(words.passphrase)}</label><input id="passphrase" name="passphrase" type="password" autocomplete="current-password" required maxlength="128">`,
    `<button>${escaped(words.signIn)}</button></form>`,
  ].join('');
  const title = filled(words.signInTo, words[application]);
  return page(title, `${alert}${form}${passkey}`, { spoken: { language, place }, scripted: true });
}

/** @param mayChange the sign-in is recent enough to add and remove */
export function passkeysPage(name: string, passkeys: readonly Passkey[], mayChange: boolean, spoken: Spoken): string {
  const words = WORDS[spoken.language];
  const rows = passkeys.map(({ id, label, createdAt }) => {
    const said = escaped(`${label}, ${filled(words.added, new Date(createdAt).toISOString().slice(0, 10))}`);
    const remove = `<form method="post" action="/passkeys/remove"><input type="hidden" name="id" value="${escaped(id)}"><button class="plain">${escaped(words.remove)}</button></form>`;
    return `<li><span>${said}</span>${mayChange ? remove : ''}</li>`;
  });
  const list = rows.length === 0 ? `<p>${escaped(words.noPasskeys)}</p>` : `<ul>${rows.join('')}</ul>`;
  const add = mayChange
    ? `<button type="button" id="add" hidden>${escaped(words.add)}</button>${told(words)}`
    : `<p>${escaped(words.tooLongAgo)}</p>`;
  return page(filled(words.passkeysOf, name), `${list}${add}`, { spoken, scripted: mayChange });
}

/** What a browser gets that has nothing to do here. @param about the one name in the text */
export function plainPage(title: keyof Words, text: keyof Words, spoken: Spoken, about = ''): string {
  const words = WORDS[spoken.language];
  return page(words[title], `<p>${escaped(filled(words[text], about))}</p>`, { spoken, scripted: false });
}

/** Asks whether to sign out of the provider, or leads back: the library has checked the address. @param form of the library, with its secret */
export function signOutPage(ctx: OidcContext, form: string): void {
  const language = languageFor(ctx.req, ctx.oidc.params?.['ui_locales']);
  const words = WORDS[language];
  const button = `<button autofocus form="op.logoutForm" name="logout" value="yes">${escaped(words.signOut)}</button>`;
  const back = ctx.oidc.params?.['post_logout_redirect_uri'];
  const cancel = back === undefined ? '' : `<p><a href="${escaped(back)}">${escaped(words.cancel)}</a></p>`;
  const content = `<p>${escaped(words.stillSignedIn)}</p>${form}${button}${cancel}`;
  ctx.body = page(words.signOutQuestion, content, { spoken: { language }, scripted: false });
}

export function signedOutPage(ctx: OidcContext): void {
  ctx.body = plainPage('signedOut', 'closeWindow', { language: languageFor(ctx.req, undefined) });
}

/** Whatever went wrong, the page says no more than the protocol's own word for it. */
export function errorPage(ctx: OidcContext, out: Readonly<Record<string, string>>): void {
  ctx.type = 'html';
  ctx.body = plainPage(
    'didNotWork',
    'goBack',
    { language: languageFor(ctx.req, ctx.oidc?.params?.['ui_locales']) },
    out['error'] ?? 'error',
  );
}

interface PageParts {
  readonly spoken: Spoken;
  readonly scripted: boolean;
}

function page(title: string, content: string, { spoken: { language, place }, scripted }: PageParts): string {
  const script = scripted ? `<script src="${SCRIPT_PATH}" defer></script>` : '';
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}</title><style>${STYLE}</style>${script}`;
  const others = place === undefined ? '' : languageLinks(language, place);
  return `<!doctype html><html lang="${language}"><head>${head}</head><body><main><h1>${escaped(title)}</h1>${content}</main>${others}</body></html>`;
}

function languageLinks(language: Language, place: string): string {
  const links = Object.entries(WORDS).map(([other, { own }]) =>
    other === language
      ? `<span aria-current="true">${own}</span>`
      : `<a href="${place}?${CHOOSES}=${other}" lang="${other}" hreflang="${other}">${own}</a>`,
  );
  return `<nav aria-label="${escaped(WORDS[language].languages)}">${links.join(' ')}</nav>`;
}

/** Where the script says how it went, and what it says where it failed. */
function told({ failed }: Words): string {
  return `<p id="told" role="status" data-failed="${escaped(failed)}"></p>`;
}

function filled(text: string, about: string): string {
  return text.replace('{}', () => about);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
