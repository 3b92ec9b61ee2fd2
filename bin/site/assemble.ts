import { createHash } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import { MANIFEST_PATH } from '../../protocol/application/manifest.ts';
import type { LoaderSettings } from '../../protocol/application/start.ts';
import type { Defences } from '../../topology/defences.ts';
import type { SiteConfig } from '../../topology/site-config.ts';
import { contentTypeOf, securityHeaders } from '../../topology/web-headers.ts';
import type { SiteFiles } from './built.ts';
import { inlineFault } from './page.ts';

export interface SiteParts {
  /** What the build made: readBuilt. */
  readonly built: SiteFiles;
  readonly config: SiteConfig;
  /** Keys that the loader pins: SPKI DER, base64url, by thumbprint. */
  readonly keys: Readonly<Record<string, string>>;
  readonly defences: Pick<Defences, 'applicationManifest' | 'applicationFiles'>;
}

const PLACE = '%LOADER_SETTINGS%';
const APPLICATION_TAG = /[ \t]*<(?:script\b[^>]*><\/script|link\b[^>]*\brel="?(?:stylesheet|modulepreload)"?[^>]*)>\n?/g;

/**
 * All files of a site but its manifest. The same parts make the same bytes.
 * @throws ERR_SITE_UNFIT for what no loader could start, or the policy of its headers would keep from running
 */
export function assembleSite({ built, config, keys, defences }: SiteParts): SiteFiles {
  const { application } = config;
  const settings: LoaderSettings = {
    application,
    keys,
    verifyManifest: defences.applicationManifest,
    verifyFiles: defences.applicationFiles,
  };
  const text = Buffer.from(JSON.stringify({ ...settings, headers: securityHeaders(connectOf(config)) })).toString('base64');
  const files = new Map(built);
  for (const name of ['loader.js', 'sw.js']) files.set(name, withSettings(name, built.get(name), text));
  files.set('config.json', Buffer.from(`${JSON.stringify(config)}\n`));
  files.set('index.html', indexOf(built.get('index.html')?.toString('utf8') ?? '', files.get('loader.js')!));
  checkSite(files);
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Origins that the application talks to beside its own. */
export function connectOf({ issuer, tokenEndpoint }: Pick<SiteConfig, 'issuer' | 'tokenEndpoint'>): readonly string[] {
  return [...new Set([issuer, tokenEndpoint].map((url) => new URL(url).origin))];
}

/** `sha384-...`, as the manifest and `integrity` name it. */
export function hashOf(body: Buffer): string {
  return `sha384-${createHash('sha384').update(body).digest('base64')}`;
}

function withSettings(name: string, body: Buffer | undefined, settings: string): Buffer {
  const pieces = (body?.toString('utf8') ?? '').split(PLACE);
  if (pieces.length !== 2) throw unfit(`${name} has ${pieces.length - 1} places for its settings, not one`);
  return Buffer.from(pieces.join(settings));
}

/** The page loads the loader and nothing else; the loader adds script and style of the application. */
function indexOf(html: string, loader: Buffer): Buffer {
  const tag = `<script type="module" crossorigin src="/loader.js" integrity="${hashOf(loader)}"></script>`;
  const bare = html.replaceAll(APPLICATION_TAG, '');
  const fault = inlineFault(bare);
  if (fault !== undefined) throw unfit(`index.html ${fault}`);
  const pieces = bare.split('</head>');
  if (pieces.length !== 2) throw unfit('index.html has no head of its own');
  return Buffer.from(pieces.join(`  ${tag}\n  </head>`));
}

function checkSite(files: SiteFiles): void {
  const paths = [...files.keys()];
  const scripts = paths.filter((path) => path.startsWith('assets/') && path.endsWith('.js'));
  if (scripts.length !== 1) throw unfit(`an application has one script, this one has ${scripts.length}`);
  const unknown = paths.find((path) => contentTypeOf(path) === undefined);
  if (unknown !== undefined) throw unfit(`${unknown}: no application may have such a file`);
  if (files.has(MANIFEST_PATH)) throw unfit(`${MANIFEST_PATH} is there before it is signed`);
}

function unfit(why: string): JoulekeepError {
  return new JoulekeepError('ERR_SITE_UNFIT', why);
}
