import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './plant.ts';

const majorOf = (version: string) => Number(version.replace(/^v/, '').split('.')[0]);

describe('the Node that runs us', () => {
  it('is 24 or newer here', () => {
    expect(majorOf(process.version)).toBeGreaterThanOrEqual(24);
  });

  it('is 24 or newer inside an npm script, whatever started npm', () => {
    const seen = execFileSync('npm', ['exec', '--silent', '--call', 'node -v'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(majorOf(seen.trim())).toBeGreaterThanOrEqual(24);
  });

  it('is installed first by every script that needs it', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const names = Object.keys(scripts).filter((name) => !name.startsWith('pre'));
    expect(names).toEqual(expect.arrayContaining(['start', 'test', 'check', 'trace', 'bench', 'joulekeep']));
    for (const name of names) expect(scripts[`pre${name}`], name).toBe('node tools/install.mjs');
  });

  it('prints what a script prints and nothing beside it: an array on standard output is one for a machine', () => {
    const out = (script: string) =>
      execFileSync('npm', ['run', script, '--', '--help'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    expect(out('bench')).toMatch(/^npm run bench /);
    expect(out('score:vee')).toMatch(/^npm run score:vee/);
  });

  it('runs TypeScript without a warning', () => {
    const warned = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', 'const x: number = 1; console.log(x)'], {
      encoding: 'utf8',
    });
    expect(warned).toBe('1\n');
  });
});
