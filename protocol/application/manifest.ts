import { isCount, isRecord, jsonOf } from '../portable/values.ts';
import { integrityOf } from './bytes.ts';

/** `typ` of a manifest: its key signs nothing else. */
export const APPLICATION_TYP = 'x1332-app+jws';
/** Where a site keeps its manifest. */
export const MANIFEST_PATH = 'manifest.jws';

/**
 * What an application in a browser consists of: payload of a compact JWS (ES256).
 * @source X.1332 9.2 (integrity of applications), 10.2 (check for falsification whenever it runs)
 */
export interface ApplicationManifest {
  /** `portal` or `console`: the manifest of another application is none. */
  readonly application: string;
  /** From 1, rising by every change. */
  readonly version: number;
  /** A copy of a lower version must not start any more, not even without a network. */
  readonly minVersion: number;
  /** UTC ms. */
  readonly issuedAt: number;
  /** UTC ms, at most MOST_LIFE_MS behind `issuedAt`. From then on no server may start it; a device without network has OFFLINE_GRACE_MS more. */
  readonly validUntil: number;
  /** `sha384-...` of every file, by its path from the root of the site, e.g. `assets/index-1a2b.js`; the manifest itself is not among them. */
  readonly files: Readonly<Record<string, string>>;
}

/** What a verifier remembers of an application: neither ever goes back. */
export interface Seen {
  /** Highest version that it verified, 0 for none. */
  readonly version: number;
  /** Highest `minVersion` that it verified, 0 for none. */
  readonly minVersion: number;
}

const DAY_MS = 86_400_000;
/** No manifest is good for longer, whoever signed it: what a device can be held back on is so old at most. */
export const MOST_LIFE_MS = 30 * DAY_MS;
/** What a device keeps starts so much longer while no server answers, and says how old it is. */
export const OFFLINE_GRACE_MS = 30 * DAY_MS;

export const NOTHING_SEEN: Seen = { version: 0, minVersion: 0 };

/** Why an application does not start. Shown to its user, so each stays what it is; SECURITY.md tells them. */
export type ApplicationFault =
  | 'malformed'
  | 'wrong-algorithm'
  | 'wrong-purpose'
  | 'unknown-key'
  | 'wrong-signature'
  | 'another-application'
  | 'older-version'
  | 'below-minimum'
  | 'expired'
  | FileFault;

export type FileFault = 'file-altered' | 'file-missing' | 'file-unlisted';

const MOST_FILES = 500;
const PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const HASH = /^sha384-[A-Za-z0-9+/]{64}$/;
const MEMBERS = ['application', 'version', 'minVersion', 'issuedAt', 'validUntil', 'files'];

/** Reads a payload. @returns undefined for what is no manifest, to the last member */
export function readManifest(payload: Uint8Array): ApplicationManifest | undefined {
  const value = jsonOf(payload);
  return isManifest(value) ? value : undefined;
}

function isManifest(value: unknown): value is ApplicationManifest {
  if (!isRecord(value) || Object.keys(value).length !== MEMBERS.length || !MEMBERS.every((name) => Object.hasOwn(value, name)))
    return false;
  const { application, version, minVersion, issuedAt, validUntil, files } = value;
  if (typeof application !== 'string' || !isCount(version, 1) || !isCount(minVersion)) return false;
  if (!isCount(issuedAt) || !isCount(validUntil) || validUntil <= issuedAt || validUntil - issuedAt > MOST_LIFE_MS) return false;
  return minVersion <= version && isRecord(files) && areFiles(Object.entries(files));
}

function areFiles(files: readonly (readonly [string, unknown])[]): boolean {
  if (files.length === 0 || files.length > MOST_FILES) return false;
  return files.every(([path, hash]) => PATH.test(path) && path !== MANIFEST_PATH && typeof hash === 'string' && HASH.test(hash));
}

/** What is wrong with one file; undefined when its bytes are those of the manifest. */
export async function fileFault(
  { files }: ApplicationManifest,
  path: string,
  body: Uint8Array | undefined,
): Promise<FileFault | undefined> {
  if (!Object.hasOwn(files, path)) return 'file-unlisted';
  if (body === undefined) return 'file-missing';
  return (await integrityOf(body)) === files[path] ? undefined : 'file-altered';
}

/** The first file that is not as the manifest says, or is not listed by it; undefined when both are the same to the byte. */
export async function filesFault(
  manifest: ApplicationManifest,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<{ readonly path: string; readonly fault: FileFault } | undefined> {
  for (const path of [...Object.keys(manifest.files), ...files.keys()]) {
    const fault = await fileFault(manifest, path, files.get(path));
    if (fault !== undefined) return { path, fault };
  }
  return undefined;
}
