import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'vite';
import { splitTexts } from './split-texts.ts';

const ROOT = dirname(import.meta.dirname);
const OUT = join(ROOT, '.web');
const STAMP = join(OUT, 'built-from');
const APPLICATIONS = ['portal', 'console'] as const;
/** What the applications are made of; a change of anything here makes them anew. */
const MADE_OF = [
  ...['web/**/*', 'api/**/*.ts', 'events/**/*.ts', 'protocol/{portable,application,price}/**/*.ts', 'topology/**/*.ts'],
  ...['package-lock.json', 'tools/build-web.ts', 'tools/split-texts.ts'],
];
/** Beside each application: what verifies it before it starts, without a line of it. */
const LOADERS = ['loader', 'sw'] as const;

/** SHA-256 over names and contents, hex. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  const files = MADE_OF.flatMap((pattern) => globSync(pattern, { cwd: ROOT, withFileTypes: true }));
  const names = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  for (const name of names.sort()) hash.update(name.slice(ROOT.length)).update('\0').update(readFileSync(name)).update('\0');
  return hash.digest('hex');
}

/** One script and one style sheet per application, so that each has one hash to check. */
async function buildApplication(name: (typeof APPLICATIONS)[number]): Promise<void> {
  await build({
    root: join(ROOT, 'web', name),
    configFile: false,
    base: './',
    logLevel: 'warn',
    // People of the utility read English.
    plugins: name === 'portal' ? [splitTexts(ROOT)] : [],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: join(OUT, name),
      emptyOutDir: true,
      target: 'es2022',
      cssCodeSplit: false,
      assetsInlineLimit: 0,
      modulePreload: false,
    },
  });
}

/** One file without imports, for whose own hash assembly answers. */
async function buildLoader(name: (typeof LOADERS)[number], application: string): Promise<void> {
  await build({
    root: join(ROOT, 'web', 'loader'),
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: join(OUT, application),
      emptyOutDir: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: join(ROOT, 'web', 'loader', `${name}.ts`), output: { format: 'iife', entryFileNames: `${name}.js` } },
    },
  });
}

/** Builds web/portal and web/console into .web/, unless what lies there was made of the same sources. */
async function main(): Promise<void> {
  const hash = sourcesHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return;
  for (const name of APPLICATIONS) {
    await buildApplication(name);
    for (const loader of LOADERS) await buildLoader(loader, name);
  }
  writeFileSync(STAMP, hash);
}

await main();
