import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'joulekeep-compiled-'));
afterEach(() => rmSync(folder, { recursive: true }));

it('a command leaves the code that it loads compiled beside the packages, for the next one', () => {
  mkdirSync(join(folder, 'bin', 'terminal'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const file of ['bin/joulekeep.ts', 'bin/terminal/compiled-code.ts', 'package.json']) cpSync(join(ROOT, file), join(folder, file));
  writeFileSync(join(folder, 'bin', 'terminal', 'run.ts'), "export async function run(): Promise<void> { process.stdout.write('ran'); }\n");
  const env = { ...process.env };
  for (const name of ['NODE_COMPILE_CACHE', 'NODE_DISABLE_COMPILE_CACHE', 'NODE_V8_COVERAGE']) delete env[name];
  const run = () => execFileSync(process.execPath, ['bin/joulekeep.ts'], { cwd: folder, env, encoding: 'utf8' });
  const kept = () => readdirSync(join(folder, 'node_modules', '.cache', 'joulekeep'), { recursive: true }).length;
  expect(run()).toBe('ran');
  const first = kept();
  expect(first).toBeGreaterThan(1);
  expect(run()).toBe('ran');
  expect(kept()).toBe(first);
});
