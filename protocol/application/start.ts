import { type ApplicationFault, type ApplicationManifest, fileFault, MANIFEST_PATH, OFFLINE_GRACE_MS, type Seen } from './manifest.ts';
import { type ApplicationTrust, verifyApplication } from './verify.ts';

/** What assembly puts into the loader and the service worker of a site. */
export interface LoaderSettings extends ApplicationTrust {
  /** On, but where a test proves what it is for. */
  readonly verifyFiles: boolean;
}

/** What is remembered of an application between its starts. */
export interface SeenStore {
  read(): Promise<Seen>;
  /** Raises either number, lowers none. */
  raise(seen: Seen): Promise<void>;
}

/** What the loader does to the world. */
export interface Page {
  readonly seen: SeenStore;
  /** UTC ms, by the device. */
  now(): number;
  /** Whether what `fetch` gave so far came from what is kept here, because no server answers. */
  isOffline(): boolean;
  /** A file of the site; undefined when there is none to be had. */
  fetch(path: string): Promise<Uint8Array | undefined>;
  /**
   * Adds a style sheet or a script; the browser holds its bytes against the hash before it takes or runs them.
   * @param integrity undefined: runs whatever comes @returns false when it was not taken
   */
  add(kind: 'style' | 'script', path: string, integrity: string | undefined): Promise<boolean>;
  /** Hands the verified settings to the application. */
  configure(config: unknown): void;
}

/** Why nothing was started: a fault of the site, or no answer. */
export type Refusal = ApplicationFault | 'unreachable';
/** `expiredSince` (UTC ms): it should have been renewed, and no server answers. */
export type Started = { readonly version: number; readonly expiredSince?: number } | { readonly refused: Refusal; readonly path: string };

export const CONFIG_PATH = 'config.json';

/**
 * Starts an application: its manifest first, then its settings and style, the script last. Whatever is not as the manifest says ends it, and
 * no script of the application has run.
 * @source X.1332 10.2 (check for falsification whenever it runs)
 */
export async function startApplication(settings: LoaderSettings, page: Page): Promise<Started> {
  // Asked for side by side: nothing of the settings counts before the manifest does.
  const settled = page.fetch(CONFIG_PATH);
  const compact = await page.fetch(MANIFEST_PATH);
  if (compact === undefined) return { refused: 'unreachable', path: MANIFEST_PATH };
  const now = page.now();
  const since = page.isOffline() ? now - OFFLINE_GRACE_MS : now;
  const verdict = await verifyApplication(new TextDecoder().decode(compact), settings, await page.seen.read(), since);
  if ('fault' in verdict) return { refused: verdict.fault, path: MANIFEST_PATH };
  const { manifest } = verdict;
  const { version, minVersion, validUntil } = manifest;
  if (settings.verifyManifest) await page.seen.raise({ version, minVersion });
  const expired = settings.verifyManifest && now >= validUntil ? { expiredSince: validUntil } : {};
  return (await startFiles(manifest, settings, { ...page, config: await settled })) ?? { version, ...expired };
}

async function startFiles(
  manifest: ApplicationManifest,
  settings: LoaderSettings,
  { config, configure, add }: Pick<Page, 'configure' | 'add'> & { readonly config: Uint8Array | undefined },
): Promise<Started | undefined> {
  const fault = settings.verifyFiles ? await fileFault(manifest, CONFIG_PATH, config) : undefined;
  if (config === undefined || fault !== undefined) return { refused: fault ?? 'unreachable', path: CONFIG_PATH };
  configure(JSON.parse(new TextDecoder().decode(config)));
  for (const [kind, path] of partsOf(manifest)) {
    if (!(await add(kind, path, settings.verifyFiles ? manifest.files[path] : undefined))) return { refused: 'file-altered', path };
  }
  return undefined;
}

/** Style sheets and scripts under assets/, styles first; assembly lets one script pass and no more. */
export function partsOf({ files }: ApplicationManifest): readonly (readonly ['style' | 'script', string])[] {
  const assets = Object.keys(files).filter((path) => path.startsWith('assets/'));
  const styles = assets.filter((path) => path.endsWith('.css')).map((path) => ['style', path] as const);
  return [...styles, ...assets.filter((path) => path.endsWith('.js')).map((path) => ['script', path] as const)];
}
