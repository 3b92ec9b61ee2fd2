import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillFaults, drillOf } from './drill-faults.ts';
import { ROOT } from './plant.ts';

const PAGES = readdirSync(join(ROOT, 'docs/runbooks')).map((file) => file.replace(/\.md$/, ''));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const pageOf = (name: string) => read(`docs/runbooks/${name}.md`);
const sourceOf = (file: string) => (existsSync(join(ROOT, file)) ? read(file) : undefined);

describe('drills of the runbooks', () => {
  it('are there for every page', () => {
    expect(PAGES.length).toBeGreaterThanOrEqual(44);
    expect(PAGES.flatMap((name) => drillFaults(name, pageOf(name), sourceOf))).toEqual([]);
  });

  it('play one page each', () => {
    const commands = PAGES.map((name) => JSON.stringify(drillOf(pageOf(name))));
    expect(commands.filter((command, i) => commands.indexOf(command) !== i)).toEqual([]);
  });
});

describe('a drill that is none', () => {
  const page = pageOf('days-held');
  const file = drillOf(page)!.file;
  const source = read(file);
  const faults = (changedPage: string, changedSource = source) =>
    drillFaults('days-held', changedPage, (asked) => (asked === file ? changedSource : undefined));

  it('is none of those that are', () => {
    expect(faults(page)).toEqual([]);
  });

  it('is found when the section is missing, empty, or has two commands', () => {
    const [before, section] = page.split('\n## Drill\n');
    const missing = ['days-held: no section Drill with one command'];
    expect(faults(before!)).toEqual(missing);
    expect(faults(`${before}\n## Drill\nSomebody plays it.\n`)).toEqual(missing);
    expect(faults(`${before}\n## Drill\n${section}${section}`)).toEqual(missing);
  });

  it('is found when its file is gone, or holds no tests', () => {
    expect(faults(page.replace(file, 'test/drills/nowhere.test.ts'))).toEqual([
      'days-held: test/drills/nowhere.test.ts is no file of tests',
    ]);
    expect(drillFaults('days-held', page.replace(file, 'test/drills/duty.ts'), sourceOf)).toEqual([
      'days-held: test/drills/duty.ts is no file of tests',
    ]);
  });

  it('is found when the test is renamed, or its name is left in a comment alone', () => {
    const gone = [`days-held: no test of ${file} is called "days-held"`];
    expect(faults(page, source.replace("it('days-held: ", "it('held days: "))).toEqual(gone);
    expect(faults(page, source.replace("it('days-held: ", "// it('days-held: x', () => {});\n  it('held days: "))).toEqual(gone);
  });

  it('is found when its words fit several tests, or are a pattern', () => {
    const twice = source.replace("it('closing-failed: ", "it('days-held: ");
    expect(faults(page, twice)).toEqual([`days-held: several tests of ${file} are called "days-held"`]);
    expect(faults(page.replace('-t "days-held"', '-t "days.held"'))).toEqual(['days-held: "days.held" is a pattern']);
  });

  it('is found when it plays another page', () => {
    const [fault] = faults(page.replace('-t "days-held"', '-t "closing-failed"'));
    expect(fault).toMatch(/^days-held: "closing-failed: .* names none of days-held, DaysHeld$/);
  });
});
