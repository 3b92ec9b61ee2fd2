/** The lane of .ci/run: `npm run mutate -- --changed` against whatever is before the change in hand. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { baseOf } from './mutation/base.ts';

const ROOT = dirname(import.meta.dirname);

function main(): number {
  const base = baseOf(ROOT);
  if ('none' in base) {
    process.stdout.write(`mutate: nothing to compare: ${base.none}\n`);
    return 0;
  }
  process.stdout.write(`mutate: what changed since ${base.commit}\n`);
  const { status } = spawnSync(process.execPath, [join(ROOT, 'tools/mutate.ts'), '--changed', '--base', base.commit], { stdio: 'inherit' });
  return status ?? 1;
}

process.exitCode = main();
