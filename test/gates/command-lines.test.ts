import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { joulekeepProgram } from '../../bin/terminal/program.ts';
import { commandFaults, commandsIn } from './command-lines.ts';
import { ROOT } from './plant.ts';

const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: ROOT })];
const program = joulekeepProgram();
const faultsOf = (page: string) => commandsIn(page).flatMap((command) => commandFaults(program, command));
const block = (line: string) => `\`\`\`sh\n${line}\n\`\`\`\n`;

describe('commands in the documentation', () => {
  it('are those of the command line, with its flags and no word too many', () => {
    const found = PAGES.map((page) => ({ page, text: readFileSync(join(ROOT, page), 'utf8') }));
    expect(found.reduce((sum, { text }) => sum + commandsIn(text).length, 0)).toBeGreaterThan(80);
    expect(found.flatMap(({ page, text }) => faultsOf(text).map((fault) => `${page}: ${fault}`))).toEqual([]);
  });

  it.each([
    ['`joulekeep stream audit/2026-01-15`', 'stream audit/2026-01-15: there is no audit/2026-01-15'],
    ['`joulekeep streams`', 'streams: there is no streams'],
    ['`joulekeep verify --sate DIR`', 'verify --sate DIR: there is no --sate'],
    ['`joulekeep stream show a b --state DIR`', 'stream show a b --state DIR: takes 1 words, and gets 2'],
    [block('npm run joulekeep -- stream show audit/2026-01-15'), 'stream show audit/2026-01-15: is without --state'],
    [block('npx joulekeep backup --state DIR \\\n  --too B > x # y'), 'backup --state DIR --too B: there is no --too'],
  ])('are found where they are none: %s', (page, fault) => {
    expect(faultsOf(page)).toContain(fault);
  });

  it('may leave out in a sentence what they need', () => {
    expect(faultsOf('`joulekeep stream show` and `joulekeep verify [--witness DIR ...] --state DIR`')).toEqual([]);
  });
});
