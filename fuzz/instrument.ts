/// <reference path="./istanbul-lib-instrument.d.ts" />
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createInstrumenter } from 'istanbul-lib-instrument';
import { COUNTERS } from './coverage.ts';

/** From here on, files of these folders count as they run. Whatever was loaded before does not. */
export function instrument(root: string, covers: readonly string[]): void {
  const instrumenter = createInstrumenter({ esModules: true, compact: true, coverageVariable: COUNTERS, produceSourceMap: false });
  registerHooks({
    load(url, context, nextLoad) {
      const path = url.startsWith('file:') ? fileURLToPath(url) : '';
      if (!path.endsWith('.ts') || !covers.some((folder) => path.startsWith(`${root}/${folder}`))) return nextLoad(url, context);
      const source = instrumenter.instrumentSync(stripTypeScriptTypes(readFileSync(path, 'utf8')), path);
      return { format: 'module', source, shortCircuit: true };
    },
  });
}
