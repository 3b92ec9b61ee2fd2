import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MUTATION_AREAS } from '../../tools/mutation/areas.ts';
import { baseOf } from '../../tools/mutation/base.ts';
import { changedFiles } from '../../tools/mutation/changed.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';

const ME = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];

let place: string;
let root: string;
const git = (...words: string[]) => execFileSync('git', [...ME, ...words], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
/** Commits a file of an area. @returns the commit */
const commit = (text: string, path = 'protocol/a.ts') => {
  writeFileSync(join(root, path), text);
  git('add', '.');
  git('commit', '-qm', text);
  return git('rev-parse', 'HEAD');
};

beforeEach(() => {
  place = temporaryDirectory();
  root = join(place, 'repository');
  mkdirSync(join(root, 'protocol'), { recursive: true });
  git('init', '-q', '-b', 'main');
});
afterEach(() => discard(place));

describe('what a change is held against', () => {
  it('is nothing for the first commit of all, by its own word', () => {
    const first = commit('one');
    expect(baseOf(root)).toEqual({ none: `${first} has no commit before it` });
  });

  it('is where the branch left main, however many commits ago', () => {
    const left = commit('one');
    git('checkout', '-qb', 'branch');
    commit('two');
    commit('three');
    git('checkout', '-q', 'main');
    commit('elsewhere', 'protocol/b.ts');
    git('checkout', '-q', 'branch');
    expect(baseOf(root)).toEqual({ commit: left });
  });

  it('is the commit before on main, the first one before a merge, and where there is no main', () => {
    const first = commit('one');
    git('checkout', '-qb', 'branch');
    commit('two', 'protocol/b.ts');
    git('checkout', '-q', 'main');
    const second = commit('three');
    expect(baseOf(root)).toEqual({ commit: first });
    git('merge', '-q', '--no-ff', '-m', 'merge', 'branch');
    expect(baseOf(root)).toEqual({ commit: second });
    expect(changedFiles(root, second, MUTATION_AREAS)).toEqual(['protocol/b.ts']);
    git('checkout', '-q', '--detach');
    git('branch', '-D', 'main');
    expect(baseOf(root)).toEqual({ commit: second });
  });

  it('is not taken for nothing in a clone that was cut off', () => {
    commit('one');
    const second = commit('parent of all things\n\nparent 1234');
    git('clone', '-q', '--depth', '1', `file://${root}`, join(place, 'cut'));
    root = join(place, 'cut');
    expect(() => baseOf(root)).toThrow(`the commit before ${second} is not here`);
    root = place;
    expect(() => baseOf(place)).toThrow();
  });
});
