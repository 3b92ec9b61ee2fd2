import { createHash, type KeyObject } from 'node:crypto';
import { jwsSigningInput, type PinnedKey, verifyJws } from '../../protocol/jws.ts';
import { keyThumbprint } from '../../protocol/key-list.ts';
import type { Defences } from '../../topology/defences.ts';

/** `typ` of a program's manifest. */
export const PROGRAM_TYP = 'joulekeep-program+jws';

/** What a program consists of, signed by the root that is pinned in the device. @source X.1332 9.2 (integrity of applications) */
export interface ProgramManifest {
  /** e.g. `home-display`: the manifest of another program is none. */
  readonly program: string;
  /** Rising by every release. */
  readonly version: number;
  /** SHA-256, base64url, by the path from the program's folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** Why a program does not start. */
export type ProgramFault = 'manifest' | 'another-program' | 'too-old' | 'file-changed' | 'file-missing' | 'file-unknown';

/** Files of a program by path, as they lie there. */
export type ProgramFiles = ReadonlyMap<string, Buffer>;

export function manifestOf(program: string, version: number, files: ProgramFiles): ProgramManifest {
  const hashes = [...files].map(([path, body]) => [path, hashOf(body)] as const);
  return { program, version, files: Object.fromEntries(hashes.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** What the root signs. */
export function programInput(manifest: ProgramManifest, root: KeyObject): Buffer {
  return jwsSigningInput({ kid: keyThumbprint(root), typ: PROGRAM_TYP }, Buffer.from(JSON.stringify(manifest)));
}

/**
 * Looks at everything before anything of it runs: the manifest is the root's, of this program, not older than allowed, and the files are
 * exactly those it names. A program that checks itself proves nothing to somebody who can change this very check: on a device
 * it belongs to the loader, in memory that the program can't write.
 * @param lowest version that may start: of the key list, or the highest that ever started
 */
export function checkProgram(
  manifest: string,
  files: ProgramFiles,
  { program, root, lowest }: { readonly program: string; readonly root: KeyObject; readonly lowest: number },
  { programManifest }: Pick<Defences, 'programManifest'>,
): { readonly version: number } | { readonly fault: ProgramFault } {
  const pinned = new Map<string, PinnedKey>([[keyThumbprint(root), { key: root, typ: PROGRAM_TYP }]]);
  const jws = verifyJws(manifest, pinned, PROGRAM_TYP);
  if ('fault' in jws) return programManifest ? { fault: 'manifest' } : { version: lowest };
  const told = JSON.parse(jws.payload.toString('utf8')) as ProgramManifest;
  const fault = programManifest ? faultOf(told, files, program, lowest) : undefined;
  return fault === undefined ? { version: told.version } : { fault };
}

function faultOf(told: ProgramManifest, files: ProgramFiles, program: string, lowest: number): ProgramFault | undefined {
  if (told.program !== program) return 'another-program';
  if (told.version < lowest) return 'too-old';
  for (const [path, hash] of Object.entries(told.files)) {
    const body = files.get(path);
    if (body === undefined) return 'file-missing';
    if (hashOf(body) !== hash) return 'file-changed';
  }
  return [...files.keys()].some((path) => !Object.hasOwn(told.files, path)) ? 'file-unknown' : undefined;
}

function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64url');
}
