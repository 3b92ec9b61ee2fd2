import { type Page, type Refusal, startApplication } from '../../protocol/application/start.ts';
import { TRUSTED_TYPES_POLICY } from '../../topology/web-headers.ts';
import { fetchFile } from './kept-sites.ts';
import { refusalText } from './refusal-text.ts';
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

const page: Page = {
  seen: new SeenDatabase(SETTINGS.application),
  fetch: fetchFile,
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

async function start(): Promise<void> {
  const started = await startApplication(SETTINGS, page);
  if ('refused' in started) {
    refuse(started.refused);
    return;
  }
  // Without one the application runs as well, but not offline.
  await navigator.serviceWorker?.register(addresses.createScriptURL('/sw.js'), { updateViaCache: 'none' }).catch(() => undefined);
}

start().catch(() => refuse('failed'));
