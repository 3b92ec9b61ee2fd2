import type { Browser, BrowserContext, Page } from 'playwright-core';
import { assembleSite } from '../../../bin/site/assemble.ts';
import { readBuilt, type SiteFiles } from '../../../bin/site/built.ts';
import { readySite } from '../../../bin/site/ready.ts';
import { configOf } from '../../../bin/site/sites.ts';
import type { SiteFile } from '../../../platform/doors/site-file.ts';
import type { Site } from '../../../platform/embedded/https/site.ts';
import { MOST_LIFE_MS } from '../../../protocol/application/manifest.ts';
import type { Application } from '../../../topology/site-config.ts';
import { ENDPOINTS, hashesOf, type SigningKey, signed } from '../../application/support/release.ts';
import { ApiGateway } from '../../platform/https-fixture.ts';
import { defencesUnderTest } from '../../support/defences.ts';
import { OUTCOME } from './in-page.ts';

export interface Version {
  readonly version: number;
  readonly minVersion?: number;
  readonly application?: Application;
  /** Replaces the script that was built. */
  readonly script?: string;
}

/** The path of the one script, e.g. `/assets/index-x.js`. */
export function scriptOf(site: Site): string {
  return [...site.keys()].find((path) => path.startsWith('/assets/') && path.endsWith('.js'))!;
}

/** An application as it was built, signed, with a script that leaves a mark. */
export function publish(key: SigningKey, { version, minVersion = 0, application = 'portal', script }: Version): Site {
  const built = new Map(readBuilt(application));
  if (script !== undefined) built.set(scriptName(built), Buffer.from(script));
  const keys = { [key.kid]: key.spki.toString('base64url') };
  const files = assembleSite({ built, config: configOf(application, ENDPOINTS, 'AA'), keys, defences: defencesUnderTest() });
  const issuedAt = Date.now();
  const manifest = signed(key, { application, version, minVersion, issuedAt, validUntil: issuedAt + MOST_LIFE_MS, files: hashesOf(files) });
  return readySite(files, manifest, []);
}

function scriptName(built: SiteFiles): string {
  return [...built.keys()].find((path) => path.startsWith('assets/') && path.endsWith('.js'))!;
}

/** A script that writes its name where a test sees it, and what it was configured as. */
export function marking(name: string): string {
  return `globalThis.ran = (globalThis.ran ?? '') + '${name}';
document.getElementById('app').textContent = globalThis.joulekeepConfig.application + ' ${name}';`;
}

/** The file with other bytes, as a server sends it that was broken into: its headers are those of the site. */
export function withBody(file: SiteFile, body: string | Buffer): SiteFile {
  return { ...file, body: Buffer.from(body), encoded: [], etag: 'other' };
}

/** A door whose site a test changes under the browser's feet. */
export class HostileServer {
  #site: Site;
  /** Answers in the site's place; undefined: the site does. */
  instead: ((path: string) => SiteFile | undefined) | undefined;
  readonly #api: ApiGateway;

  private constructor(api: ApiGateway, site: Site) {
    this.#api = api;
    this.#site = site;
  }

  static async open(site: Site): Promise<HostileServer> {
    let server: HostileServer | undefined;
    const looked = { get: (path: string) => server?.instead?.(path) ?? server?.site.get(path) };
    const api = await ApiGateway.open({ site: looked as unknown as Site });
    server = new HostileServer(api, site);
    return server;
  }

  get site(): Site {
    return this.#site;
  }

  show(site: Site): void {
    this.#site = site;
    this.instead = undefined;
  }

  get url(): string {
    return this.#api.gateway.url;
  }

  async close(): Promise<void> {
    await this.#api.close();
  }
}

/** A profile of its own: nothing kept, nothing seen. */
export async function freshDevice(browser: Browser, serviceWorkers: 'allow' | 'block'): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, serviceWorkers });
  return { context, page: await context.newPage() };
}

/** What the start came to: the marks of scripts that ran, or the reason of the refusal. */
export async function outcome(page: Page): Promise<{ ran: string | undefined; refused: string | undefined }> {
  return await page.evaluate(OUTCOME);
}
