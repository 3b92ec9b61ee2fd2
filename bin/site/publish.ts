import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { JoulekeepError } from '../../events/errors.ts';
import { MANIFEST_PATH, readManifest } from '../../protocol/application/manifest.ts';
import { cacheControlOf, contentTypeOf } from '../../topology/web-headers.ts';
import type { SiteFiles } from './built.ts';

/** Where a site is put for browsers to load. */
export interface SitePlace {
  /** The bytes that are there now; undefined when there are none. */
  get(path: string): Promise<Buffer | undefined>;
  put(path: string, body: Buffer, headers: { readonly contentType: string; readonly cacheControl: string }): Promise<void>;
}

/**
 * Writes a signed site in an order in which a browser that comes in between starts the old one, the new one or none: assets first, under names of
 * their own; then what the page and the manifest name; the manifest; the page last.
 * @throws ERR_SITE_VERSION when a higher version is there already
 */
export async function publishSite(place: SitePlace, files: SiteFiles, manifest: string): Promise<{ readonly version: number }> {
  const version = versionOf(manifest) ?? 0;
  const standing = versionOf((await place.get(MANIFEST_PATH))?.toString('ascii') ?? '') ?? 0;
  if (standing > version) throw new JoulekeepError('ERR_SITE_VERSION', `version ${standing} is published, this one is ${version}`);
  const all = new Map([...files, [MANIFEST_PATH, Buffer.from(manifest, 'ascii')] as const]);
  for (const path of [...all.keys()].sort((a, b) => turnOf(a) - turnOf(b))) {
    await place.put(path, all.get(path)!, {
      contentType: contentTypeOf(path) ?? 'application/octet-stream',
      cacheControl: cacheControlOf(path),
    });
  }
  return { version };
}

function turnOf(path: string): number {
  if (path === 'index.html') return 3;
  if (path === MANIFEST_PATH) return 2;
  return path.startsWith('assets/') ? 0 : 1;
}

function versionOf(compact: string): number | undefined {
  return readManifest(Buffer.from(compact.split('.')[1] ?? '', 'base64url'))?.version;
}

/** A folder; a file is there whole or not at all. */
export function folderPlace(root: string): SitePlace {
  return {
    async get(path) {
      try {
        return readFileSync(join(root, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async put(path, body) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.unfinished`, body);
      renameSync(`${file}.unfinished`, file);
    },
  };
}
