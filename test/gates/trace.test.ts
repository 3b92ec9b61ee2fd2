import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defenceUses } from '../../tools/trace/defence-uses.ts';
import { pageOf, withoutResults } from '../../tools/trace/page.ts';
import { prove } from '../../tools/trace/prove.ts';
import { rowFindings, rowsGate } from '../../tools/trace/rows-gate.ts';
import { type NamedTest, rowsMentioned, rowsOf, runnersOf, testsIn, titlePattern } from '../../tools/trace/test-names.ts';
import { RUNNERS, runEveryKind } from '../../tools/trace/vitest-run.ts';
import { claimedRows, X1332_ROWS } from '../../tools/x1332-rows.ts';
import { copyOfRepository, ROOT } from './plant.ts';

// Assembled, so that this file's own titles name no row.
const TAG_ROW = ['R9.1', '2'].join('-');
const MAC_ROW = ['C10.1', '3'].join('-');
const NO_ROW = ['R9.1', '9'].join('-');

const named = (...titles: string[]): NamedTest => ({ file: 'test/a.test.ts', place: 'test/a.test.ts:1', titles });
const allClaimed = () => claimedRows().map(({ id }) => named(`${id}: holds`));
const used = () => defenceUses(ROOT).map((use) => ({ ...use, files: ['lambdas/x.ts'] }));

describe('rows', () => {
  it('are the 51 of the Recommendation: 44 bullets and 7 of its prose', () => {
    const ids = X1332_ROWS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(51);
    expect(ids.filter((id) => id.includes('-P'))).toHaveLength(7);
    const perClause = ['8', '9', '10'].map((clause) => ids.filter((id) => new RegExp(`^[TRC]${clause}\\.\\d-\\d`).test(id)).length);
    expect(perClause).toEqual([8, 18, 18]);
  });

  it('are read from the prefix of a title, or of a describe around it', () => {
    expect(rowsOf([`${TAG_ROW}: every bit`])).toEqual([TAG_ROW]);
    expect(rowsOf([`${TAG_ROW}, ${MAC_ROW}: every bit`])).toEqual([TAG_ROW, MAC_ROW]);
    expect(rowsOf([`D10, ${TAG_ROW}, G2: every bit`])).toEqual([TAG_ROW]);
    expect(rowsOf([`${MAC_ROW}: all of it`, 'one of them'])).toEqual([MAC_ROW]);
    expect(rowsOf([`as ${TAG_ROW}: says`, `${TAG_ROW} says`])).toEqual([]);
    expect(rowsMentioned([`as ${TAG_ROW} says`, 'SHA-256, P-256, T-1 and v1.2-3'])).toEqual([TAG_ROW]);
  });

  it('hold in this repository, as far as names can tell', () => {
    const { seen, findings } = rowsGate(ROOT);
    expect(findings).toEqual([]);
    expect(seen).toBe(51);
  });

  it('are found wanting: no test, no such row, outside the prefix, no reader', () => {
    expect(rowFindings(allClaimed(), used())).toEqual([]);
    const without = allClaimed().filter(({ titles }) => titles[0] !== `${TAG_ROW}: holds`);
    expect(rowFindings(without, used())).toEqual([`${TAG_ROW} is claimed and no test names it`]);
    expect(rowFindings([...allClaimed(), named(`${NO_ROW}: x`)], used())).toEqual([`test/a.test.ts:1 names ${NO_ROW}: no such row`]);
    expect(rowFindings([...allClaimed(), named(`x as ${TAG_ROW}`)], used())).toEqual([
      `test/a.test.ts:1 names ${TAG_ROW} outside the prefix "${TAG_ROW}: ", so it does not count`,
    ]);
    const unread = used().map((use) => (use.name === 'frameTag' ? { ...use, files: [] } : use));
    expect(rowFindings(allClaimed(), unread)).toEqual(['defence frameTag: nothing that ships asks whether it is on']);
    const uncarried = used().filter(({ rows }) => !rows.includes(TAG_ROW));
    expect(rowFindings(allClaimed(), uncarried)).toContain(`${TAG_ROW} is claimed and no defence carries it`);
  });
});

describe('names of tests', () => {
  it('are found in every way of writing them, with what is around them', () => {
    using plot = copyOfRepository([]);
    plot.plant(
      'test/suite.ts',
      `export function suite() { describe('store', () => { it.each([1])(\`${TAG_ROW}: case %d of \${name}\`, () => {}); }); }\n`,
    );
    plot.plant(
      'test/b.test.ts',
      `import { suite } from './suite.ts';\nsuite();\nit.skipIf(absent)('${MAC_ROW}: two', () => { /x/.test('y'); });\n`,
    );
    plot.plant('test/c.test.ts', `describeShared('a week', 'data/x.csv', () => { it('${MAC_ROW}: three', () => {}); });\n`);
    const found = testsIn(plot.root);
    expect(found.map(({ titles }) => titles)).toEqual([
      [`${MAC_ROW}: two`],
      ['a week', `${MAC_ROW}: three`],
      ['store', `${TAG_ROW}: case %d of \${name}`],
    ]);
    expect(runnersOf(plot.root)('test/suite.ts')).toEqual(['test/b.test.ts']);
    expect(titlePattern(found[2]?.titles ?? []).test(`store ${TAG_ROW}: case 1 of memory`)).toBe(true);
    expect(titlePattern(found[2]?.titles ?? []).test(`store ${TAG_ROW}: another`)).toBe(false);
  });
});

describe('the page', () => {
  it('shows results, and is the same without them', () => {
    const tests = allClaimed();
    const results = tests.map(({ file, titles }, index) => ({
      file,
      titles,
      status: index === 0 ? ('failed' as const) : ('passed' as const),
      reason: '',
    }));
    const ran = pageOf({ tests, uses: used(), results });
    expect(ran).toMatch(/\| claimed: failed \|$/m);
    expect(ran.match(/\| claimed: passed \|$/gm)).toHaveLength(claimedRows().length - 1);
    expect(withoutResults(ran)).toBe(withoutResults(pageOf({ tests, uses: used(), results: undefined })));
    expect(withoutResults(ran)).not.toBe(withoutResults(pageOf({ tests: tests.slice(1), uses: used(), results })));
  });
});

describe('running every kind of test', () => {
  it('names what a kind lacks beside the results of the others', async () => {
    using plot = copyOfRepository([]);
    plot.plant('test/plain.test.ts', `import { expect, it } from 'vitest';\nit('${MAC_ROW}: holds', () => expect(1).toBe(1));\n`);
    plot.plant('test/web/a.browser.ts', `import { it } from 'vitest';\nit('${MAC_ROW}: in a browser', () => {});\n`);
    plot.plant('vitest.web.config.ts', `process.stderr.write('no browser here');\nprocess.exit(1);\n`);
    const { results, broken } = await runEveryKind(plot.root, ['test/plain.test.ts', 'test/web/a.browser.ts'], [MAC_ROW]);
    expect(results).toEqual([{ file: 'test/plain.test.ts', titles: [`${MAC_ROW}: holds`], status: 'passed', reason: '' }]);
    expect(broken).toEqual([expect.stringContaining('no browser here')]);
  });

  it('has one runner for each file that runs tests of a row, but those of emulators', () => {
    const runners = runnersOf(ROOT);
    const ofRows = testsIn(ROOT).filter(({ titles }) => rowsOf(titles).length > 0);
    const files = [...new Set(ofRows.flatMap(({ file }) => runners(file)))];
    const owners = (file: string) => RUNNERS.filter(({ owns }) => owns(file)).length;
    expect(files.filter((file) => owners(file) !== 1 && !file.startsWith('test/lanes/'))).toEqual([]);
    expect(files.some((file) => file.endsWith('.browser.ts'))).toBe(true);
  });
});

describe('the proof', () => {
  it('holds for a test that goes red, and not for one that stays green or was red before', async () => {
    using plot = copyOfRepository(['topology']);
    plot.plant(
      'test/proof.test.ts',
      `import { expect, it } from 'vitest';
const on = process.env['JOULEKEEP_DEFENCE_OFF'] !== 'downlinkMac';
it('${MAC_ROW}: goes red', () => expect(on).toBe(true));
it('${MAC_ROW}: red already', () => expect(1).toBe(2));
it('another matter', () => { throw new Error('must not run'); });
`,
    );
    const told: string[] = [];
    const { lines, redBefore } = await prove(plot.root, ['downlinkMac', 'frameTag'], (line) => told.push(line));
    const line = (row: string, defence: string) => lines.find((one) => one.row === row && one.defence === defence);
    expect(line(MAC_ROW, 'downlinkMac')).toMatchObject({ red: 1, green: 0, reason: expect.stringContaining('AssertionError') });
    expect(line(MAC_ROW, 'frameTag')).toMatchObject({ red: 0, green: 1, reason: 'every test of it stays green' });
    expect(line(TAG_ROW, 'frameTag')).toMatchObject({ red: 0, reason: 'no test of it was green before' });
    expect(redBefore).toEqual([`test/proof.test.ts: ${MAC_ROW}: red already`]);
    expect(told.at(-1)).toContain('2/2');
  });
});

describe('npm run trace', () => {
  const trace = (...args: string[]) => spawnSync(process.execPath, [join(ROOT, 'tools/trace.ts'), ...args], { encoding: 'utf8' });

  it.each(['--unknown', 'stray', '--prove --defence nonsense', '--defence frameTag'])('refuses %s', (flags) => {
    const { status, stderr, stdout } = trace(...flags.split(' '));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^trace: /);
    expect(stdout).toBe('');
  });

  it('explains itself', () => {
    expect(trace('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--prove') });
  });
});
