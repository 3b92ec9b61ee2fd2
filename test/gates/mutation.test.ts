import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MUTATION_AREAS } from '../../tools/mutation/areas.ts';
import { changedFiles } from '../../tools/mutation/changed.ts';
import { mutationSection, percentOf } from '../../tools/mutation/page.ts';
import { partsOf } from '../../tools/mutation/parts.ts';
import { lineOf, strykerPlugins } from '../../tools/mutation/plugins.ts';
import { sectionOf, withSection } from '../../tools/reliability/section.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';

describe('what is mutated', () => {
  const root = temporaryDirectory();
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...words], { cwd: root, encoding: 'utf8' });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  beforeAll(() => {
    git('init', '-q', '-b', 'main');
    for (const path of ['protocol/a.ts', 'protocol/gone.ts', 'domain/vee/b.ts', 'web/c.ts']) write(path, '1');
    git('add', '.');
    git('commit', '-qm', 'one');
    git('checkout', '-qb', 'branch');
  });
  afterAll(() => discard(root));

  it('is nothing on a branch that changed nothing', () => {
    expect(changedFiles(root, 'main', MUTATION_AREAS)).toEqual([]);
  });

  it('is what the branch changed, committed or not, of the folders asked for', () => {
    write('protocol/a.ts', '2');
    write('web/c.ts', '2');
    git('rm', '-q', 'protocol/gone.ts');
    git('commit', '-qam', 'two');
    write('domain/vee/b.ts', '2');
    write('domain/vee/new.ts', '1');
    write('domain/vee/new.md', '1');
    expect(changedFiles(root, 'main', MUTATION_AREAS)).toEqual(['domain/vee/b.ts', 'domain/vee/new.ts', 'protocol/a.ts']);
    const vee = MUTATION_AREAS.filter(({ folder }) => folder === 'domain/vee');
    expect(changedFiles(root, 'main', vee)).toEqual(['domain/vee/b.ts', 'domain/vee/new.ts']);
    expect(() => changedFiles(root, 'nowhere', vee)).toThrow('nowhere');
  });

  it('is some code of every area: nothing of nothing would be all', () => {
    const empty = MUTATION_AREAS.filter(({ folder }) => globSync(`${folder}/**/*.ts`).length === 0);
    expect([MUTATION_AREAS.length > 0, empty]).toEqual([true, []]);
  });

  it('has tests wherever an area says, and all tests of the protocol, in whatever folder', () => {
    for (const { tests } of MUTATION_AREAS) for (const glob of tests) expect([glob, globSync(glob).length > 0]).toEqual([glob, true]);
    const named = MUTATION_AREAS.find(({ folder }) => folder === 'protocol')!.tests.flatMap((glob) => globSync(glob));
    const all = globSync('test/protocol/**/*.test.ts');
    expect(all).toContain('test/protocol/log/proofs.test.ts');
    expect(named).toEqual(expect.arrayContaining(all));
  });

  it('is every area, or what is asked for in them: only a whole one has a score', () => {
    const told = (...only: string[]) => partsOf('.', only).map(({ area, files, isWhole }) => [area.folder, ...files, isWhole]);
    expect(told()).toEqual(MUTATION_AREAS.map(({ folder }) => [folder, `${folder}/**/*.ts`, true]));
    expect(told('protocol/', 'protocol/log')).toEqual([['protocol', 'protocol/**/*.ts', true]]);
    expect(told('protocol/log/', 'protocol/cbor.ts', 'domain/vee')).toEqual([
      ['domain/vee', 'domain/vee/**/*.ts', true],
      ['protocol', 'protocol/log/**/*.ts', 'protocol/cbor.ts', false],
    ]);
    for (const name of ['domain', 'protocols', 'api', '']) expect(() => partsOf('.', [name])).toThrow('nothing is mutated in');
    for (const name of ['protocol/none', 'protocol/none.ts']) expect(() => partsOf('.', [name])).toThrow('no code is');
  });

  it('leaves out the words of errors and nothing else', () => {
    const { shouldIgnore } = strykerPlugins[0]!.value!;
    const path = (type: string, value: unknown, parents: readonly string[]) => {
      const chain = parents.reduceRight<Parameters<typeof shouldIgnore>[0] | null>(
        (parentPath, name) => ({ node: { type: name }, parentPath }),
        null,
      );
      return { node: { type, value }, parentPath: chain };
    };
    expect(shouldIgnore(path('StringLiteral', 'too long', ['NewExpression', 'ThrowStatement']))).toBe('words of an error');
    expect(shouldIgnore(path('TemplateLiteral', undefined, ['CallExpression', 'ThrowStatement']))).toBe('words of an error');
    expect(shouldIgnore(path('StringLiteral', 'ERR_CONSENT_INVALID', ['NewExpression', 'ThrowStatement']))).toBeUndefined();
    expect(shouldIgnore(path('StringLiteral', 'granted', ['BinaryExpression', 'IfStatement']))).toBeUndefined();
    expect(shouldIgnore(path('NumericLiteral', 7, ['NewExpression']))).toBeUndefined();
  });
});

describe('the page of reliability', () => {
  it('gets a section in its place, and no other is touched', () => {
    const page = '# Reliability\n\nWords.\n\n## One\nfirst\n\n## Two\nsecond\n';
    expect(withSection(page, 'One', 'new\n')).toBe('# Reliability\n\nWords.\n\n## One\nnew\n\n## Two\nsecond\n');
    expect(withSection(page, 'Two', 'new')).toBe('# Reliability\n\nWords.\n\n## One\nfirst\n\n## Two\nnew\n');
    expect(withSection(page, 'Three', 'new')).toBe(`${page}\n## Three\nnew\n`);
    expect([sectionOf(page, 'One'), sectionOf(page, 'Two'), sectionOf(page, 'Three')]).toEqual(['first', 'second', '']);
  });

  it('keeps the score of a folder that was not measured now', () => {
    const score = { folder: 'protocol', mutants: 1_000, noticed: 919, survivors: [] };
    const first = mutationSection('', [score]);
    expect(first).toContain('| `protocol/` | 1000 | 919 | 91.9 % |');
    expect(first).toContain('| `domain/vee/` | | | not measured yet |');
    const second = mutationSection(first, [{ ...score, folder: 'domain/vee', noticed: 1_000 }]);
    expect(second).toContain('| `protocol/` | 1000 | 919 | 91.9 % |');
    expect(second).toContain('| `domain/vee/` | 1000 | 1000 | 100 % |');
    // Never rounded up to the goal.
    expect(percentOf({ mutants: 1_000_000, noticed: 899_999 })).toBe(89.9);
  });

  it('names a change by its place', () => {
    const change = { fileName: '/r/protocol/a.ts', location: { start: { line: 3, column: 5 } }, mutatorName: 'Block', replacement: '{}' };
    expect(lineOf('/r', { ...change, status: 'Survived' })).toBe('protocol/a.ts:3:5  Block: {}');
    expect(lineOf('/r', { ...change, status: 'NoCoverage' })).toContain('(no test reaches it)');
  });
});
