import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asyncApiPage } from '../../tools/asyncapi.ts';
import { eventsPage } from '../../tools/events-page.ts';
import { roomsIn } from '../../tools/gates/sources.ts';
import { openApiPage } from '../../tools/openapi.ts';
import { claimedRows } from '../../tools/x1332-rows.ts';
import { ROOT } from './plant.ts';

const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: ROOT })];
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const files = roomsIn(ROOT).flatMap((room) => globSync(`${room}/**/*.{ts,mjs,json}`, { cwd: ROOT }));
const names = new Set(files.map((path) => path.split('/').at(-1)));
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts);
/** Files in backticks that the text tells about without their being in the repository. */
const ELSEWHERE = new Set(['aws.ts', 'handler.ts']);

describe('the documentation', () => {
  it('is there to be looked at', () => {
    expect(PAGES.length).toBeGreaterThanOrEqual(14);
  });

  it.each(PAGES)('%s links to what exists', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target!).filter((target) => !target.includes(':'));
    const dead = links.filter((target) => !existsSync(join(ROOT, dirname(page), target)));
    expect(dead).toEqual([]);
  });

  it.each(PAGES)('%s names source files that exist', (page) => {
    const named = [...read(page).matchAll(/`([\w./-]+\.(?:ts|mjs|json|cjs))`/g)].map(([, path]) => path!);
    const gone = named.filter((path) => !existsSync(join(ROOT, path)) && !names.has(path) && !ELSEWHERE.has(path));
    expect(gone).toEqual([]);
  });

  it.each(PAGES)('%s names npm scripts that exist', (page) => {
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it('tells of integration events what the catalogue says (npm run events)', () => {
    expect(read('docs/events.md')).toBe(eventsPage());
    expect(read('docs/asyncapi.yaml')).toBe(asyncApiPage());
  });

  it('tells of every route what the code says (npm run openapi)', () => {
    expect(read('docs/openapi.yaml')).toBe(openApiPage());
  });

  it('claims as many rows as the table of rows does', () => {
    for (const page of ['README.md', 'CHANGELOG.md']) {
      const told = /\b(\d+)(?: are claimed today| of the 51 control rows)/.exec(read(page))?.[1];
      expect(told, page).toBe(String(claimedRows().length));
    }
  });

  it('tells of every flag of npm start, and of no other', () => {
    const source = read('bin/commands/start.ts') + read('bin/service/door-ports.ts');
    const declared = [...source.matchAll(/\.option\('(--[\w-]+)/g)].map(([, flag]) => flag!);
    const table = read('README.md').split('## `npm start -- ...`')[1]?.split('\n## ')[0] ?? '';
    const told = [...table.matchAll(/^\| `(--[\w-]+)/gm)].map(([, flag]) => flag!);
    expect(declared.length).toBeGreaterThanOrEqual(8);
    expect(told.toSorted()).toEqual(declared.toSorted());
  });
});
