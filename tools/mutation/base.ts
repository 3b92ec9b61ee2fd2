import { execFileSync, spawnSync } from 'node:child_process';

/** What a change is held against: a commit, or nothing, because there is nothing before it. */
export type Base = { readonly commit: string } | { readonly none: string };

/**
 * Where the branch in hand left main; on main itself, or where there is no main, the commit before.
 * @throws Error where git knows of a commit before and doesn't have it: a clone that was cut off says nothing of what changed
 */
export function baseOf(root: string): Base {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const knows = (...words: string[]) => spawnSync('git', words, { cwd: root, stdio: 'ignore' }).status === 0;
  const head = git('rev-parse', 'HEAD');
  if (knows('rev-parse', '--verify', '--quiet', 'main^{commit}') && !knows('merge-base', '--is-ancestor', 'HEAD', 'main'))
    return { commit: git('merge-base', 'HEAD', 'main') };
  // As it was written, whatever of it is here.
  const before = /^parent ([0-9a-f]+)$/m.exec(git('cat-file', 'commit', head).split('\n\n', 1)[0]!)?.[1];
  if (before === undefined) return { none: `${head} has no commit before it` };
  if (!knows('cat-file', '-e', `${before}^{commit}`)) throw new Error(`the commit before ${head} is not here: fetch more of the history`);
  return { commit: before };
}
