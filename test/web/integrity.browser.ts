import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signingKey } from '../application/support/release.ts';
import { openChromium } from './support/chromium.ts';
import { CACHED_PATHS, CACHES, CONTROLLED, isKept, MINIMUM_SEEN, REGISTER_AGAIN, tampered } from './support/in-page.ts';
import { freshDevice, HostileServer, marking, outcome, publish, scriptOf, withBody } from './support/published-site.ts';

const key = signingKey();
let browser: Browser;
let server: HostileServer;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await openChromium();
});
afterAll(async () => await browser?.close());
beforeEach(async () => {
  server = await HostileServer.open(publish(key, { version: 2, script: marking('two') }));
});
afterEach(async () => {
  await context.close();
  await server.close();
});

async function device(serviceWorkers: 'allow' | 'block'): Promise<void> {
  ({ context, page } = await freshDevice(browser, serviceWorkers));
}

async function start(): Promise<{ ran: string | undefined; refused: string | undefined }> {
  await page.goto(`${server.url}/`);
  return await outcome(page);
}

/** A device that started once, and whose service worker keeps the site. */
async function kept(): Promise<void> {
  await device('allow');
  expect(await start()).toEqual({ ran: 'two', refused: undefined });
  await page.evaluate(CONTROLLED);
}

describe('a cold start', () => {
  beforeEach(async () => await device('block'));

  it('runs the application as it was built, under its headers', async () => {
    const complaints: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => void complaints.push(String(error)));
    server.show(publish(key, { version: 2 }));
    await page.goto(`${server.url}/`);
    await page.waitForSelector('#app > *', { state: 'attached' });
    expect(await page.evaluate('globalThis.joulekeepConfig.application')).toBe('portal');
    expect(complaints.filter((text) => /security policy|integrity|trusted/i.test(text))).toEqual([]);
  });

  it('runs an untouched application, once', async () => {
    expect(await start()).toEqual({ ran: 'two', refused: undefined });
    expect(await page.textContent('#app')).toBe('portal two');
  });

  it('R9.2-5, C10.2-4, I8: runs nothing with one byte of the script changed', async () => {
    const script = scriptOf(server.site);
    server.instead = (path) => (path === script ? withBody(server.site.get(path)!, marking('tw0')) : undefined);
    expect(await start()).toEqual({ ran: undefined, refused: 'file-altered' });
    expect(await page.textContent('#app')).toContain('file-altered');
  });

  it('R9.2-5, I8: runs nothing with settings that were not signed', async () => {
    server.instead = (path) =>
      path === '/config.json' ? withBody(server.site.get(path)!, '{"issuer":"https://evil.example"}') : undefined;
    expect(await start()).toEqual({ ran: undefined, refused: 'file-altered' });
  });

  it('R9.2-5, C10.2-4, I8: runs nothing when the manifest was rolled back', async () => {
    expect(await start()).toEqual({ ran: 'two', refused: undefined });
    server.show(publish(key, { version: 1, script: marking('one') }));
    expect(await start()).toEqual({ ran: undefined, refused: 'older-version' });
  });

  it('R9.2-5, I8: runs nothing by the manifest of another application, or of another key', async () => {
    const others = [publish(key, { version: 9, application: 'console' }), publish(signingKey(), { version: 9 })];
    for (const [n, reason] of ['another-application', 'unknown-key'].entries()) {
      const manifest = others[n]!.get('/manifest.jws')!;
      server.instead = (path) => (path === '/manifest.jws' ? manifest : undefined);
      expect(await start()).toEqual({ ran: undefined, refused: reason });
    }
  });

  it('R9.2-5: runs nothing of a script that was swapped after its bytes were looked at', async () => {
    const script = scriptOf(server.site);
    let asked = 0;
    server.instead = (path) => (path === script && ++asked > 1 ? withBody(server.site.get(path)!, marking('evil')) : undefined);
    await page.goto(`${server.url}${script}`);
    expect(asked).toBe(1);
    await page.route(
      '**/assets/*.js',
      async (route) => await route.continue({ headers: { ...route.request().headers(), 'cache-control': 'no-cache' } }),
    );
    expect(await start()).toEqual({ ran: undefined, refused: 'file-altered' });
    expect(asked).toBe(2);
  });

  it('R9.2-5: runs no loader but the one whose hash the page names', async () => {
    server.instead = (path) => (path === '/loader.js' ? withBody(server.site.get(path)!, `globalThis.ran = 'evil'`) : undefined);
    const failed = page.waitForEvent('console', (message) => message.text().includes('integrity'));
    await page.goto(`${server.url}/`);
    await failed;
    expect(await page.evaluate(`'ran' in globalThis`)).toBe(false);
  });

  it('R9.2-5: runs no script that is put into the page, from a string or from elsewhere', async () => {
    const tries = [
      `document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="globalThis.ran=1">')`,
      `new Function('globalThis.ran = 1')()`,
      `setTimeout('globalThis.ran = 1')`,
      `document.createElement('script').src = '/assets/evil.js'`,
      `globalThis.trustedTypes.createPolicy('joulekeep', { createScriptURL: (url) => url })`,
      `globalThis.trustedTypes.createPolicy('another', { createScriptURL: (url) => url })`,
    ].map((attempt) => `try { ${attempt}; tried.push('done'); } catch (error) { tried.push(error.name); }`);
    server.show(publish(key, { version: 2, script: `const tried = []; ${tries.join('\n')}; globalThis.ran = tried.join();` }));
    const { ran } = await start();
    expect(ran?.split(',')).toHaveLength(tries.length);
    expect(new Set(ran?.split(','))).toEqual(new Set(['TypeError', 'EvalError']));
  });
});

describe('a warm or offline start', () => {
  it('runs what was kept while the server can’t be reached', async () => {
    await kept();
    await context.setOffline(true);
    expect(await start()).toEqual({ ran: 'two', refused: undefined });
  });

  it.each([
    ['warm', false],
    ['offline', true],
  ])('C10.2-4, I8: runs nothing of a tampered cache at a %s start, and drops it', async (_how, isOffline) => {
    await kept();
    await page.evaluate(tampered(scriptOf(server.site), marking('evil')));
    await context.setOffline(isOffline);
    expect(await start()).toEqual({ ran: undefined, refused: 'file-altered' });
    await context.setOffline(false);
    expect(await start()).toEqual({ ran: 'two', refused: undefined });
  });

  it('R9.2-5: keeps nothing of a server that sends the service worker another script than the page', async () => {
    await device('allow');
    const script = scriptOf(server.site);
    let asked = 0;
    server.instead = (path) => (path === script && ++asked > 1 ? withBody(server.site.get(path)!, marking('evil')) : undefined);
    expect(await start()).toEqual({ ran: 'two', refused: undefined });
    await expect.poll(() => asked).toBe(2);
    expect(await page.evaluate(REGISTER_AGAIN)).toBe('refused');
    expect(await page.evaluate(isKept(2))).toBe(false);
    await context.setOffline(true);
    await expect(page.goto(`${server.url}/`)).rejects.toThrow('ERR_INTERNET_DISCONNECTED');
  });

  it('C10.2-4: runs nothing of a page that was put into the cache', async () => {
    await kept();
    await page.evaluate(tampered('/index.html', '<script>globalThis.ran = "evil"</script>'));
    expect(await start()).toEqual({ ran: undefined, refused: 'file-altered' });
  });

  it('C10.2-4, I8: keeps to what it has when the server’s manifest is rolled back', async () => {
    await kept();
    server.show(publish(key, { version: 1, script: marking('one') }));
    for (let n = 0; n < 2; n++) expect(await start()).toEqual({ ran: 'two', refused: undefined });
  });

  it('takes a newer release at the start after the one that found it', async () => {
    await kept();
    server.show(publish(key, { version: 3, script: marking('three') }));
    expect(await start()).toEqual({ ran: 'two', refused: undefined });
    await expect.poll(() => page.evaluate(isKept(3))).toBe(true);
    expect(await start()).toEqual({ ran: 'three', refused: undefined });
    expect(await page.evaluate(CACHES)).toEqual(['joulekeep-integrity-portal-3']);
  });

  it('R9.2-5: keeps to what it has when a file of a newer release is not as its manifest says', async () => {
    await kept();
    const next = publish(key, { version: 3, script: marking('three') });
    server.show(next);
    const script = scriptOf(next);
    let asked = false;
    server.instead = (path) => {
      asked ||= path === script;
      return path === script ? withBody(next.get(path)!, marking('evil')) : undefined;
    };
    expect(await start()).toEqual({ ran: 'two', refused: undefined });
    await expect.poll(() => asked).toBe(true);
    expect(await start()).toEqual({ ran: 'two', refused: undefined });
  });

  it('R9.2-5: does not run what a newer release says must not run any more', async () => {
    await kept();
    const next = publish(key, { version: 3, minVersion: 3, script: marking('three') });
    server.show(next);
    const script = scriptOf(next);
    server.instead = (path) => (path === script ? withBody(next.get(path)!, marking('evil')) : undefined);
    await start();
    await expect.poll(() => page.evaluate(MINIMUM_SEEN)).toBe(3);
    await context.setOffline(true);
    expect(await start()).toEqual({ ran: undefined, refused: 'below-minimum' });
  });

  it('never keeps an answer of the API', async () => {
    await kept();
    await page.evaluate(`fetch('/v1/exceptions').then(() => 'asked')`);
    const paths = await page.evaluate<string[]>(CACHED_PATHS);
    expect(paths).toContain('/index.html');
    expect(paths.filter((path) => path.startsWith('/v1'))).toEqual([]);
  });
});

describe('a sign-out', () => {
  /** The application's own wiping, as its script does it. */
  async function wiping(): Promise<string> {
    const contents = `import { wipeBrowser } from './web/shared/browser-kept.ts';
      localStorage.setItem('mark', 'yes');
      await wipeBrowser();
      globalThis.ran = 'wiped ' + localStorage.length + ' ' + (await indexedDB.databases()).map(({ name }) => name).join();`;
    const { outputFiles } = await build({
      ...{ bundle: true, write: false, format: 'esm', target: 'esnext' },
      stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    });
    return outputFiles[0]!.text;
  }

  it('R9.2-5, C10.2-4, I8: makes no device start an older application', async () => {
    await device('block');
    server.show(publish(key, { version: 2, script: await wiping() }));
    expect(await start()).toEqual({ ran: 'wiped 0 joulekeep-integrity', refused: undefined });
    server.show(publish(key, { version: 1, script: marking('one') }));
    expect(await start()).toEqual({ ran: undefined, refused: 'older-version' });
  });
});
