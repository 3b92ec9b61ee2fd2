import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { roomsIn } from '../../tools/gates/sources.ts';

export const ROOT = dirname(dirname(import.meta.dirname));
const BESIDE = ['.dependency-cruiser.mjs', 'package.json', 'tsconfig.json', 'package-lock.json', 'vitest.config.ts'];

/** A copy of the repository's sources in which a test may plant what must be found. */
export interface Plot {
  readonly root: string;
  plant(path: string, text: string): void;
  [Symbol.dispose](): void;
}

/** @param rooms folders to copy; node_modules is shared */
export function copyOfRepository(rooms: readonly string[] = roomsIn(ROOT)): Plot {
  const root = mkdtempSync(join(tmpdir(), 'joulekeep-gate-'));
  for (const path of [...rooms, ...BESIDE]) {
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(root, path), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'dir');
  return {
    root,
    plant(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    [Symbol.dispose]() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
