import { request } from 'node:https';
import { fileFault, MANIFEST_PATH, NOTHING_SEEN } from '../../protocol/application/manifest.ts';
import type { LoaderSettings } from '../../protocol/application/start.ts';
import { type ApplicationTrust, verifyApplication } from '../../protocol/application/verify.ts';
import type { SiteConfig } from '../../topology/site-config.ts';
import { webHeadersOf } from '../../topology/web-headers.ts';
import { connectOf } from './assemble.ts';
import { pageFault } from './page.ts';

/** A file as a server sends it. */
export interface LiveFile {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export type AskSite = (path: string) => Promise<LiveFile>;

/** What was found at one path; nothing wrong when there is no finding. */
export interface LiveLine {
  readonly path: string;
  readonly findings: readonly string[];
}

export interface LiveReport {
  /** Of the manifest; undefined when it was refused. */
  readonly version: number | undefined;
  /** Of the manifest, UTC ms. */
  readonly validUntil: number | undefined;
  readonly lines: readonly LiveLine[];
}

const LONGEST = 16_777_216;
const WAIT_MS = 15_000;
/** Headers by which a server sends a browser elsewhere, gives it more than was signed, or makes it forget what it saw. */
const UNWANTED = ['clear-site-data', 'link', 'location', 'refresh', 'service-worker-allowed', 'set-cookie', 'sourcemap'];
const SETTINGS = /atob\(\s*[`'"]([A-Za-z0-9+/=]+)[`'"]\s*\)/;

/** Asks a live site over TLS, with no cookie and no cache. @param ca PEM; default the roots of this machine */
export function askOver(url: URL, ca: string | undefined): AskSite {
  const trusted = ca === undefined ? {} : { ca };
  return (path) =>
    new Promise((resolve, reject) => {
      const sent = request(new URL(path, url), { ...trusted, minVersion: 'TLSv1.2', timeout: WAIT_MS }, (answer) => {
        const parts: Buffer[] = [];
        let size = 0;
        answer.on('data', (part: Buffer) => {
          size += part.length;
          if (size > LONGEST) answer.destroy(new Error(`${path}: more than ${LONGEST} bytes`));
          else parts.push(part);
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }));
        answer.on('error', reject);
      });
      sent.on('timeout', () => sent.destroy(new Error(`${url.origin} does not answer`)));
      sent.on('error', reject);
      sent.end();
    });
}

/** A live manifest with less left was not renewed when it should have been, days. */
const LEAST_LEFT_DAYS = 10;

/**
 * Holds a live site against its manifest, every file and header of it, as somebody can who is not its server.
 * @param atLeast lowest version that is believed, 0 for any @param now UTC ms
 */
export async function verifyLive(ask: AskSite, trust: ApplicationTrust, atLeast: number, now: number): Promise<LiveReport> {
  const told = await ask(`/${MANIFEST_PATH}`);
  const verdict = await verifyApplication(told.body.toString('latin1'), trust, { ...NOTHING_SEEN, version: atLeast }, now);
  if (told.status !== 200)
    return { version: undefined, validUntil: undefined, lines: [{ path: MANIFEST_PATH, findings: [`status ${told.status}`] }] };
  if ('fault' in verdict) return { version: undefined, validUntil: undefined, lines: [{ path: MANIFEST_PATH, findings: [verdict.fault] }] };
  const { manifest } = verdict;
  const answers = new Map<string, LiveFile>();
  for (const path of Object.keys(manifest.files)) answers.set(path, await ask(`/${path}`));
  const connect = originsOf(answers.get('config.json')?.body);
  const lines = [
    { path: MANIFEST_PATH, findings: [...ageFindings(manifest.validUntil, now), ...headerFindings(MANIFEST_PATH, told, connect)] },
  ];
  for (const [path, live] of answers) {
    const fault = live.status === 200 ? await fileFault(manifest, path, live.body) : undefined;
    const findings = [
      ...statusFindings(live),
      ...(fault === undefined ? [] : [fault]),
      ...headerFindings(path, live, connect),
      ...pinFindings(path, live.body, trust),
    ];
    lines.push({ path, findings });
  }
  const page = await ask('/');
  const fault = pageFault(page.body.toString('utf8'), manifest.files['loader.js'] ?? '');
  const differs = (await fileFault(manifest, 'index.html', page.body)) === undefined ? [] : ['is not index.html'];
  lines.push({
    path: '/',
    findings: [
      ...statusFindings(page),
      ...differs,
      ...(fault === undefined ? [] : [fault]),
      ...headerFindings('index.html', page, connect),
    ],
  });
  return { version: manifest.version, validUntil: manifest.validUntil, lines };
}

/** Whoever serves it renews it at half its life. */
function ageFindings(validUntil: number, now: number): string[] {
  const days = Math.floor((validUntil - now) / 86_400_000);
  return days < LEAST_LEFT_DAYS ? [`ends in ${days} days and was not renewed`] : [];
}

function originsOf(config: Buffer | undefined): readonly string[] {
  try {
    return connectOf(JSON.parse(config?.toString('utf8') ?? '') as SiteConfig);
  } catch {
    return [];
  }
}

function statusFindings({ status }: LiveFile): string[] {
  return status === 200 ? [] : [`status ${status}`];
}

/** The headers of topology/web-headers.ts, word for word, and none that undoes them. */
function headerFindings(path: string, { headers }: LiveFile, connect: readonly string[]): string[] {
  const wanted = Object.entries(webHeadersOf(path, connect));
  const faults = wanted
    .filter(([name, value]) => headers[name] !== value)
    .map(([name]) => (headers[name] === undefined ? `no ${name}` : `another ${name}`));
  return [...faults, ...UNWANTED.filter((name) => headers[name] !== undefined).map((name) => `has ${name}`)];
}

/** Loader and service worker demand what this verifier demands: the same keys, with nothing switched off. */
function pinFindings(path: string, body: Buffer, { application, keys }: ApplicationTrust): string[] {
  if (path !== 'loader.js' && path !== 'sw.js') return [];
  const [, text] = SETTINGS.exec(body.toString('utf8')) ?? [];
  if (text === undefined) return ['pins nothing'];
  const pinned = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as LoaderSettings;
  const unknown = Object.entries(pinned.keys).filter(([kid, spki]) => keys[kid] !== spki);
  return [
    ...(unknown.length === 0 ? [] : ['pins another key']),
    ...(pinned.application === application ? [] : ['pins another application']),
    ...(pinned.verifyManifest && pinned.verifyFiles ? [] : ['does not verify']),
  ];
}
