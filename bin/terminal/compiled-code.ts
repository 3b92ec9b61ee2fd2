import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';

/** Beside what npm installed: whoever may change the one may change the other. */
const FOLDER = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'joulekeep');

/**
 * Modules that are loaded from here on are kept as they were compiled, by their content, for the next process: without it each one reads and compiles
 * a thousand files before it begins. Where the folder can't be written nothing is kept.
 */
export function keepCompiledCode(): void {
  enableCompileCache(FOLDER);
}

/** Of what is loaded by now, for a process that may be killed: otherwise it is written as the process ends. */
export function writeCompiledCode(): void {
  flushCompileCache();
}
