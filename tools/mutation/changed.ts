import { execFileSync } from 'node:child_process';
import type { MutationArea } from './areas.ts';

/** Files of the areas that differ from where this branch left `base`, those not committed yet as well. @throws Error when git knows no such base */
export function changedFiles(root: string, base: string, areas: readonly MutationArea[]): readonly string[] {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const from = git('merge-base', 'HEAD', base).trim();
  const folders = areas.map(({ folder }) => folder);
  const changed = git('diff', '--name-only', '--diff-filter=d', from, '--', ...folders);
  const added = git('ls-files', '--others', '--exclude-standard', '--', ...folders);
  return [...new Set(`${changed}${added}`.split('\n'))].filter((file) => file.endsWith('.ts')).sort();
}
