import { type Page, type Refusal, startApplication } from '../../protocol/application/start.ts';
import { TRUSTED_TYPES_POLICY } from '../../topology/web-headers.ts';
import { fetchFile } from './kept-sites.ts';
import { OFFLINE_HEADER } from './names.ts';
import { expiredText, refusalText } from './refusal-text.ts';
import { SeenDatabase } from './seen.ts';
import { SETTINGS } from './settings.ts';

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

const SCRIPTS = /^\/(?:assets\/[\w.-]+\.js|sw\.js)$/;

/** The only place where the address of a script is made; of our own scripts alone. */
const rules = {
  createScriptURL(url: string): string {
    if (!SCRIPTS.test(url)) throw new TypeError(`${url}: no script of ours`);
    return url;
  },
};
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
const addresses = trustedTypes?.createPolicy(TRUSTED_TYPES_POLICY, rules) ?? rules;

let isOffline = false;

const page: Page = {
  seen: new SeenDatabase(SETTINGS.application),
  now: () => Date.now(),
  isOffline: () => isOffline,
  fetch: (path) =>
    fetchFile(path, (headers) => {
      isOffline = headers.get(OFFLINE_HEADER) !== null;
    }),
  add(kind, path, integrity) {
    const element = kind === 'style' ? styleElement(path) : scriptElement(path);
    if (integrity !== undefined) element.integrity = integrity;
    element.crossOrigin = 'anonymous';
    return new Promise((done) => {
      element.onload = () => done(true);
      element.onerror = () => done(false);
      document.head.append(element);
    });
  },
  configure(config) {
    Object.defineProperty(globalThis, 'joulekeepConfig', { value: Object.freeze(config) });
  },
};

function styleElement(path: string): HTMLLinkElement {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = `/${path}`;
  return link;
}

function scriptElement(path: string): HTMLScriptElement {
  const script = document.createElement('script');
  script.type = 'module';
  script.src = addresses.createScriptURL(`/${path}`);
  return script;
}

function refuse(reason: Refusal | 'failed'): void {
  const paragraphs = [...refusalText(navigator.language), reason].map((text) => {
    const paragraph = document.createElement('p');
    paragraph.textContent = text;
    return paragraph;
  });
  document.documentElement.dataset['refused'] = reason;
  const place = document.getElementById('app');
  place?.setAttribute('role', 'alert');
  place?.replaceChildren(...paragraphs);
}

/** Above the application, for as long as it runs. @param since UTC ms */
function sayExpired(since: number): void {
  const note = document.createElement('p');
  note.setAttribute('role', 'status');
  note.textContent = expiredText(navigator.language, since);
  document.documentElement.dataset['expired'] = new Date(since).toISOString();
  document.getElementById('app')?.before(note);
}

async function start(): Promise<void> {
  const started = await startApplication(SETTINGS, page);
  if ('refused' in started) {
    refuse(started.refused);
    return;
  }
  if (started.expiredSince !== undefined) sayExpired(started.expiredSince);
  // Without one the application runs as well, but not offline.
  await navigator.serviceWorker?.register(addresses.createScriptURL('/sw.js'), { updateViaCache: 'none' }).catch(() => undefined);
}

start().catch(() => refuse('failed'));
