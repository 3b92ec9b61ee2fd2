import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './plant.ts';

const LOCKED = {
  'node_modules/zod': { version: '4.1.0', integrity: 'sha512-a' },
  'node_modules/elsewhere': { version: '1.0.0', integrity: 'sha512-b', optional: true },
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulekeep-install-'));
  mkdirSync(join(folder, 'tools'));
  cpSync(join(ROOT, 'tools/install.mjs'), join(folder, 'tools/install.mjs'));
  lock(LOCKED);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lock(packages: object): void {
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
}

function npmRecords(packages: object): string {
  return `const fs = require('node:fs');
fs.writeFileSync('npm-args', process.argv.slice(2).join(' '));
fs.mkdirSync('node_modules', { recursive: true });
fs.writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(JSON.stringify({ packages }))});\n`;
}

/** Runs the pre-script with an npm of our own. */
function install(npm: string): { status: number | null; said: string } {
  writeFileSync(join(folder, 'npm-cli.js'), npm);
  const env = { ...process.env, npm_execpath: join(folder, 'npm-cli.js'), npm_node_execpath: process.execPath };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'tools/install.mjs')], { env, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

const INSTALLED = { 'node_modules/zod': LOCKED['node_modules/zod'] };
const NOT_CALLED = "throw new Error('npm was called');\n";

describe('the pre-script', () => {
  it('installs a fresh clone with npm ci, and says so in one line', () => {
    expect(install(npmRecords(INSTALLED))).toEqual({ status: 0, said: 'joulekeep: installing dependencies (npm ci), once\n' });
    expect(readFileSync(join(folder, 'npm-args'), 'utf8')).toMatch(/^ci --loglevel=error --no-fund --no-audit/);
  });

  it('does nothing, silently, when everything is there; another platform may be absent', () => {
    install(npmRecords(INSTALLED));
    expect(install(NOT_CALLED)).toEqual({ status: 0, said: '' });
  });

  it.each([
    ['another version', { ...LOCKED, 'node_modules/zod': { version: '4.2.0', integrity: 'sha512-a' } }],
    ['other bytes', { ...LOCKED, 'node_modules/zod': { version: '4.1.0', integrity: 'sha512-c' } }],
    ['one package more', { ...LOCKED, 'node_modules/new': { version: '1.0.0', integrity: 'sha512-d' } }],
  ])('installs again when the lock file names %s', (_what, packages) => {
    install(npmRecords(INSTALLED));
    lock(packages);
    const { 'node_modules/elsewhere': _absent, ...present } = packages;
    expect(install(npmRecords(present))).toEqual({ status: 0, said: 'joulekeep: installing dependencies (npm ci), once\n' });
  });

  it('installs again after an interrupted installation', () => {
    mkdirSync(join(folder, 'node_modules/zod'), { recursive: true });
    expect(install(npmRecords(INSTALLED)).said).toContain('installing');
  });

  it.each([
    ['npm error code ENOTFOUND\nnpm error network request failed', 'the package registry cannot be reached (ENOTFOUND)'],
    ['npm error code EACCES\nnpm error syscall mkdir', 'node_modules cannot be written'],
    ['npm error nospc ENOSPC: no space left on device', 'no space left on the disk'],
    ['npm error code E404\nnpm error 404 Not Found - zod\nnpm error A complete log', 'npm ci failed: 404 Not Found - zod'],
  ])('tells in one line why npm failed: %s', (stderr, reason) => {
    const { status, said } = install(`process.stderr.write(${JSON.stringify(stderr)}); process.exit(1);\n`);
    const lines = said.trim().split('\n');
    expect(status).toBe(1);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(`joulekeep: ${reason}`);
  });

  it('does not believe an npm that ended well and installed nothing', () => {
    expect(install('')).toMatchObject({ status: 1, said: expect.stringContaining('delete node_modules') });
  });

  it('says in one line that the lock file is broken', () => {
    writeFileSync(join(folder, 'package-lock.json'), '<<<<<<< HEAD');
    expect(install(NOT_CALLED)).toEqual({
      status: 1,
      said: 'joulekeep: package-lock.json is missing or no JSON; restore it from the repository\n',
    });
  });

  it('says in one line that this platform needs a newer Node', () => {
    const script = join(folder, 'tools/install.mjs');
    const asMac = `Object.defineProperty(process, 'platform', { value: 'darwin' }); Object.defineProperty(process, 'version', { value: 'v20.20.2' });
process.argv[1] = ${JSON.stringify(script)}; await import(${JSON.stringify(script)});`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', asMac], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^joulekeep: needs Node 24 or newer; there is no Node package for darwin-\w+ and this is v20\.20\.2\..*\n$/);
  });
});
