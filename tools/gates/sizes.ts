import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { GateReport } from './sources.ts';

const KB = 1_024;
/** What scripts may be when compressed, gzip -9 as well as brotli, bytes. */
const LIMITS = { portal: 60 * KB, console: 120 * KB } as const;

/** The one script of each application, compressed. `seen` counts scripts. @param built where tools/build-web.ts puts them */
export function sizesGate(built: string, limits: Readonly<Record<string, number>> = LIMITS): GateReport {
  const findings: string[] = [];
  let seen = 0;
  for (const [application, limit] of Object.entries(limits)) {
    const scripts = existsSync(join(built, application)) ? globSync('assets/*.js', { cwd: join(built, application) }) : [];
    if (scripts.length === 0) findings.push(`${application} is not built: npm run build:web`);
    seen += scripts.length;
    const bytes = Buffer.concat(scripts.sort().map((name) => readFileSync(join(built, application, name))));
    for (const [form, size] of Object.entries(sizesOf(bytes)))
      if (size > limit) findings.push(`${application}: its script has ${size} bytes as ${form}, the limit is ${limit}`);
  }
  return { seen, findings };
}

function sizesOf(bytes: Buffer): { readonly gzip: number; readonly brotli: number } {
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return { gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes, { params: quality }).length };
}
