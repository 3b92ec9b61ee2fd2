import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Application } from '../../topology/site-config.ts';
import { UsageError } from '../terminal/fail.ts';

/** Files of a site by their path from its root, as they are or as they will be served. */
export type SiteFiles = ReadonlyMap<string, Buffer>;

/** Where `npm run build:web` puts the applications. */
export const BUILT = join(dirname(dirname(import.meta.dirname)), '.web');

export function isBuilt(application: Application, folder: string = BUILT): boolean {
  return ['index.html', 'loader.js', 'sw.js'].every((name) => existsSync(join(folder, application, name)));
}

/** @throws UsageError when the application is not built */
export function readBuilt(application: Application, folder: string = BUILT): SiteFiles {
  if (!isBuilt(application, folder)) throw new UsageError(`${application} is not built: npm run build:web`);
  return readSite(join(folder, application));
}

/** Every file below a folder, in the order of their paths. */
export function readSite(root: string): SiteFiles {
  const files = globSync('**/*', { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path))]));
}
