import { createHash } from 'node:crypto';
import type { OidcContext } from 'oidc-provider';
import type { Passkey } from './passkeys.ts';

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

/** @param fault what went wrong, in words that are the same whatever it was */
export function signInPage(uid: string, application: string, fault?: string): string {
  const place = `/interaction/${encodeURIComponent(uid)}`;
  const alert = fault === undefined ? '' : `<p role="alert">${escaped(fault)}</p>`;
  const passkey = `<button type="button" id="passkey" data-place="${place}" hidden>Sign in with a passkey</button><p id="told" role="status"></p>`;
  const form = [
    `<form method="post" action="${place}/passphrase">`,
    '<label for="name">Name</label><input id="name" name="name" autocomplete="username webauthn" autocapitalize="none" spellcheck="false" required maxlength="63">',
    '<label for="passphrase">Passphrase</label><input id="passphrase" name="passphrase" type="password" autocomplete="current-password" required maxlength="128">',
    '<button>Sign in</button></form>',
  ].join('');
  return page(`Sign in: ${application}`, `${alert}${form}${passkey}`, true);
}

/** @param mayChange the sign-in is recent enough to add and remove */
export function passkeysPage(name: string, passkeys: readonly Passkey[], mayChange: boolean): string {
  const rows = passkeys.map(({ id, label, createdAt }) => {
    const said = `${escaped(label)}, added ${new Date(createdAt).toISOString().slice(0, 10)}`;
    const remove = `<form method="post" action="/passkeys/remove"><input type="hidden" name="id" value="${escaped(id)}"><button class="plain">Remove</button></form>`;
    return `<li><span>${said}</span>${mayChange ? remove : ''}</li>`;
  });
  const list = rows.length === 0 ? '<p>You have no passkeys yet.</p>' : `<ul>${rows.join('')}</ul>`;
  const add = mayChange
    ? '<button type="button" id="add" hidden>Add a passkey</button><p id="told" role="status"></p>'
    : '<p>You signed in a while ago. To add or remove passkeys, sign in again first.</p>';
  return page(`Passkeys of ${name}`, `${list}${add}`, mayChange);
}

/** What a browser gets that has nothing to do here. */
export function plainPage(title: string, text: string): string {
  return page(title, `<p>${escaped(text)}</p>`, false);
}

/** Asks whether to sign out of the provider, or leads back: the library has checked the address. @param form of the library, with its secret */
export function signOutPage(ctx: OidcContext, form: string): void {
  const button = '<button autofocus form="op.logoutForm" name="logout" value="yes">Sign out</button>';
  const back = ctx.oidc.params?.['post_logout_redirect_uri'];
  const cancel = back === undefined ? '' : `<p><a href="${escaped(back)}">Cancel</a></p>`;
  ctx.body = page('Sign out?', `<p>You are still signed in here.</p>${form}${button}${cancel}`, false);
}

export function signedOutPage(ctx: OidcContext): void {
  ctx.body = plainPage('You are signed out', 'You can close this window.');
}

/** Whatever went wrong, the page says no more than the protocol's own word for it. */
export function errorPage(ctx: OidcContext, out: Readonly<Record<string, string>>): void {
  ctx.type = 'html';
  ctx.body = plainPage('This did not work', `Go back to where you came from, and begin again. (${out['error'] ?? 'error'})`);
}

function page(title: string, content: string, scripted: boolean): string {
  const script = scripted ? `<script src="${SCRIPT_PATH}" defer></script>` : '';
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}</title><style>${STYLE}</style>${script}`;
  return `<!doctype html><html lang="en"><head>${head}</head><body><main><h1>${escaped(title)}</h1>${content}</main></body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
