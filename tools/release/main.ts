import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { signRelease, verifyRelease } from './files.ts';

const ROOT = dirname(dirname(import.meta.dirname));
const HELP = `npm run release -- --out DIR --key FILE       makes a release of the commit that is checked out, and signs it
npm run release -- --verify DIR --key FILE    holds a release against its signature
npm run release -- --help

A release is the source as a tar archive, portal and console as they were built from it, a bill of materials (CycloneDX) of what ships and one of
everything, and SHA256SUMS with a signature (ES256).
--out DIR     an empty folder, or one that is made
--key FILE    a P-256 key in PEM: private to sign, public to verify

Exit code 1 when something is not as it should be, 2 when the call was wrong.
`;

/** Whoever makes the archive, and when, leaves nothing in it. */
const SAME_BYTES = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--mode=u=rwX,go=rX'];

try {
  await main();
} catch (error) {
  process.stderr.write(`release: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { out: text, verify: text, key: text, help: { type: 'boolean' } } });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const { out, verify, key } = values;
  if ((out === undefined) === (verify === undefined) || key === undefined) throw new TypeError('give --key and one of --out and --verify');
  const names =
    verify === undefined ? await make(resolve(out!), readFileSync(key, 'utf8')) : await verifyRelease(verify, readFileSync(key, 'utf8'));
  for (const name of names) process.stdout.write(`${name}\n`);
  process.stdout.write(
    verify === undefined ? `${names.length} files signed in ${out}\n` : `${names.length} files are as they were signed\n`,
  );
}

async function make(out: string, key: string): Promise<readonly string[]> {
  const git = (...call: string[]) => execFileSync('git', call, { cwd: ROOT, encoding: 'utf8' }).trim();
  if (git('status', '--porcelain') !== '') throw new Error('the tree has changes that are in no commit: commit them, or put them away');
  if (existsSync(out) && readdirSync(out).length > 0) throw new Error(`${out} is not empty`);
  mkdirSync(out, { recursive: true });
  try {
    return await fill(out, key, git);
  } catch (error) {
    // What is half made would stand in the way of the next try.
    rmSync(out, { recursive: true });
    throw error;
  }
}

async function fill(out: string, key: string, git: (...call: string[]) => string): Promise<readonly string[]> {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { name: string; version: string };
  const called = `${name}-${version}`;
  process.stderr.write('the source ...\n');
  git('archive', '--format=tar', `--prefix=${called}/`, `--output=${join(out, `${called}.tar`)}`, 'HEAD');
  process.stderr.write('portal and console ...\n');
  run('tools/build-web.ts');
  execFileSync('tar', [...SAME_BYTES, '-cf', join(out, `${called}-web.tar`), 'portal', 'console'], { cwd: join(ROOT, '.web') });
  process.stderr.write('bills of materials ...\n');
  billOfMaterials(join(out, `${called}.cdx.json`), ['--omit', 'dev']);
  billOfMaterials(join(out, `${called}-with-tools.cdx.json`), []);
  return await signRelease(out, key);
}

function billOfMaterials(file: string, omit: readonly string[]): void {
  const options = ['--package-lock-only', '--output-reproducible', '--output-format', 'JSON', '--output-file', file];
  run('node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js', ...omit, ...options);
}

function run(script: string, ...call: string[]): void {
  execFileSync(process.execPath, [join(ROOT, script), ...call], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}
