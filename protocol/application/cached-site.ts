import { type ApplicationFault, type ApplicationManifest, fileFault, filesFault, MANIFEST_PATH, OFFLINE_GRACE_MS } from './manifest.ts';
import type { LoaderSettings, SeenStore } from './start.ts';
import { verifyApplication } from './verify.ts';

/** Whole sites as they were kept on the device, by version. Nothing in it is believed. */
export interface SiteStore {
  /** Highest first; the manifest of a site is written last, so one without a manifest is none. */
  versions(): Promise<readonly number[]>;
  read(version: number, path: string): Promise<Uint8Array | undefined>;
  paths(version: number): Promise<readonly string[]>;
  write(version: number, path: string, body: Uint8Array): Promise<void>;
  drop(version: number): Promise<void>;
}

export interface Keeper {
  readonly settings: LoaderSettings;
  readonly store: SiteStore;
  readonly seen: SeenStore;
  /** A file as the server has it now, past every cache; undefined when there is none to be had. */
  fetch(path: string): Promise<Uint8Array | undefined>;
  /** UTC ms, by the device. */
  now(): number;
}

/** The newest kept site, every byte held against its manifest; or why it may not start. Undefined when none is kept. */
export type Kept = { readonly manifest: ApplicationManifest } | { readonly refused: ApplicationFault } | undefined;

/**
 * Opens what is kept, at each start anew. What was altered is dropped: the next start is a cold one. What has expired, and may still start
 * without a network, is opened as well: `startKept` asks the server first.
 */
export async function openKept({ settings, store, seen, now }: Keeper): Promise<Kept> {
  const [newest, ...older] = await store.versions();
  for (const version of older) await store.drop(version);
  if (newest === undefined) return undefined;
  const compact = await store.read(newest, MANIFEST_PATH);
  const verdict =
    compact === undefined
      ? { fault: 'file-missing' as const }
      : await verifyApplication(new TextDecoder().decode(compact), settings, await seen.read(), now() - OFFLINE_GRACE_MS);
  const fault = 'fault' in verdict ? verdict.fault : settings.verifyFiles ? await keptFault(verdict.manifest, newest, store) : undefined;
  if (fault !== undefined || 'fault' in verdict) {
    // What has only grown too old says so at each start, until a server has something newer.
    if (fault !== 'expired') await store.drop(newest);
    return { refused: fault ?? 'malformed' };
  }
  const { version, minVersion } = verdict.manifest;
  await seen.raise({ version, minVersion });
  return { manifest: verdict.manifest };
}

/**
 * What a start may be made of: as it is kept, or, once that has expired, as the server has it now. A server that answers, and has nothing newer
 * that is genuine, ends it; only where none answers does what has expired start for a while, `isOffline`.
 */
export async function startKept(
  keeper: Keeper,
): Promise<{ readonly manifest: ApplicationManifest; readonly isOffline: boolean } | { readonly refused: ApplicationFault } | undefined> {
  const kept = await openKept(keeper);
  if (kept === undefined || !isExpired(kept, keeper)) return kept && ('manifest' in kept ? { ...kept, isOffline: false } : kept);
  const newest = await keepNewest(keeper);
  if (typeof newest === 'string') {
    const renewed = await openKept(keeper);
    return renewed && ('manifest' in renewed ? { ...renewed, isOffline: false } : renewed);
  }
  if (newest.refused !== 'unreachable') return { refused: newest.refused };
  return 'manifest' in kept ? { ...kept, isOffline: true } : kept;
}

function isExpired(kept: NonNullable<Kept>, { settings, now }: Keeper): boolean {
  if ('refused' in kept) return kept.refused === 'expired';
  return settings.verifyManifest && now() >= kept.manifest.validUntil;
}

async function keptFault(manifest: ApplicationManifest, version: number, store: SiteStore): Promise<ApplicationFault | undefined> {
  // A site that lies under another version than its own was put there by somebody else.
  if (manifest.version !== version) return 'malformed';
  const files = new Map<string, Uint8Array>();
  for (const path of await store.paths(version)) {
    const body = path === MANIFEST_PATH ? undefined : await store.read(version, path);
    if (body !== undefined) files.set(path, body);
  }
  return (await filesFault(manifest, files))?.fault;
}

/** One file of a kept site, looked at again as it leaves. */
export async function readKept({ settings, store }: Keeper, manifest: ApplicationManifest, path: string): Promise<Uint8Array | undefined> {
  const body = await store.read(manifest.version, path);
  if (path === MANIFEST_PATH || !settings.verifyFiles) return body;
  return (await fileFault(manifest, path, body)) === undefined ? body : undefined;
}

/**
 * Keeps the site that the server has now, unless it is kept already. All of it or nothing: a file that is not as the manifest says leaves
 * everything as it was. A higher `minVersion` counts from here on, even if the rest of that site can't be had.
 */
export async function keepNewest(keeper: Keeper): Promise<'kept' | 'current' | { readonly refused: ApplicationFault | 'unreachable' }> {
  const { settings, store, seen } = keeper;
  const compact = await keeper.fetch(MANIFEST_PATH);
  if (compact === undefined) return { refused: 'unreachable' };
  const verdict = await verifyApplication(new TextDecoder().decode(compact), settings, await seen.read(), keeper.now());
  if ('fault' in verdict) return { refused: verdict.fault };
  const { manifest } = verdict;
  await seen.raise({ version: 0, minVersion: manifest.minVersion });
  const kept = await store.versions();
  if (kept.some((version) => version >= manifest.version)) return 'current';
  for (const path of Object.keys(manifest.files)) {
    const body = await keeper.fetch(path);
    const fault = settings.verifyFiles ? await fileFault(manifest, path, body) : undefined;
    if (body === undefined || fault !== undefined) {
      await store.drop(manifest.version);
      return { refused: fault ?? 'unreachable' };
    }
    await store.write(manifest.version, path, body);
  }
  await store.write(manifest.version, MANIFEST_PATH, compact);
  return 'kept';
}
