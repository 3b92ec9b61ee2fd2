import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { defencesGate } from './gates/defences.ts';
import { houseGate, lockGate } from './gates/house.ts';
import { importsGate } from './gates/imports.ts';
import { sizesGate } from './gates/sizes.ts';
import type { GateReport } from './gates/sources.ts';
import { rowsGate } from './trace/rows-gate.ts';

const ROOT = dirname(import.meta.dirname);
const AT_ONCE = 2;
const HELP = `npm run check [-- --only <gate>]...

Runs every gate and prints one line for each; exit code 1 when one finds something.
`;

/** A gate passes, or says what is wrong in lines a person can act on. */
interface Gate {
  readonly name: string;
  /** What a pass means. */
  readonly says: string;
  readonly run: () => Promise<readonly string[]>;
}

const GATES: readonly Gate[] = [
  { name: 'types', says: 'tsc finds no error', run: types },
  { name: 'style', says: 'biome: format and lint', run: () => tool('@biomejs/biome/bin/biome', ['ci', '--colors=off', '.']) },
  { name: 'imports', says: 'the import table holds', run: async () => atLeast(20, 'modules', await importsGate(ROOT)) },
  { name: 'unused', says: 'knip: nothing is left over', run: () => tool('knip/bin/knip.js', ['--no-progress', '--no-config-hints']) },
  { name: 'house', says: 'sizes, no any, no barrel', run: async () => atLeast(20, 'files', houseGate(ROOT)) },
  { name: 'defences', says: 'nothing that ships weakens itself', run: async () => atLeast(10, 'files', defencesGate(ROOT)) },
  { name: 'lock', says: 'the lock file holds for every machine', run: async () => atLeast(100, 'packages', lockGate(ROOT)) },
  { name: 'sizes', says: 'scripts of browsers stay small', run: sizes },
  { name: 'rows', says: 'every claimed row has a test', run: async () => atLeast(51, 'rows', rowsGate(ROOT)) },
];

/**
 * CDK's properties can't live with exactOptionalPropertyTypes, and browsers have another world than Node: infrastructure, applications
 * and their tests have a configuration each.
 */
async function types(): Promise<readonly string[]> {
  const ours = await tool('typescript/bin/tsc', ['-p', 'tsconfig.json']);
  const stacks = await tool('typescript/bin/tsc', ['-p', 'tsconfig.lib.json']);
  const applications = await tool('typescript/bin/tsc', ['-p', 'tsconfig.web.json']);
  return [...ours, ...stacks, ...applications, ...(await tool('typescript/bin/tsc', ['-p', 'tsconfig.web-test.json']))];
}

/** Of what is built from the sources as they are. */
async function sizes(): Promise<readonly string[]> {
  const faults = await run(join(ROOT, 'tools', 'build-web.ts'));
  return faults.length > 0 ? faults : atLeast(2, 'scripts', sizesGate(join(ROOT, '.web')));
}

/** A gate that saw too little is broken, whatever it found. */
function atLeast(minimum: number, unit: string, report: GateReport): readonly string[] {
  return report.seen < minimum ? [`saw ${report.seen} ${unit}, expected at least ${minimum}`, ...report.findings] : report.findings;
}

/** Runs a tool of node_modules on this Node. @returns its output as findings when it fails */
function tool(script: string, args: readonly string[]): Promise<readonly string[]> {
  return run(join(ROOT, 'node_modules', script), args);
}

function run(script: string, args: readonly string[] = []): Promise<readonly string[]> {
  const command = [script, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: ROOT, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`.trim();
      resolve(error === null ? [] : [said === '' ? error.message : said]);
    });
  });
}

function chosenGates(): readonly Gate[] {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(`${HELP}\n${GATES.map(({ name, says }) => `  ${name.padEnd(10)}${says}`).join('\n')}\n`);
    process.exit(0);
  }
  const unknown = values.only?.find((name) => !GATES.some((gate) => gate.name === name));
  if (unknown !== undefined) throw new Error(`no gate is called ${unknown}`);
  return GATES.filter(({ name }) => values.only?.includes(name) ?? true);
}

async function runOne(gate: Gate): Promise<boolean> {
  const findings = await gate.run().catch((error: unknown) => [String(error)]);
  const mark = findings.length === 0 ? 'ok  ' : 'FAIL';
  process.stdout.write(`${mark} ${gate.name.padEnd(10)}${gate.says}\n`);
  for (const finding of findings) process.stdout.write(`     ${finding.replaceAll('\n', '\n     ')}\n`);
  return findings.length === 0;
}

async function main(): Promise<number> {
  let gates: readonly Gate[];
  try {
    gates = chosenGates();
  } catch (error) {
    process.stderr.write(`check: ${(error as Error).message}\n${HELP}`);
    return 2;
  }
  const waiting = [...gates];
  const results: boolean[] = [];
  const worker = async () => {
    for (let gate = waiting.shift(); gate !== undefined; gate = waiting.shift()) results.push(await runOne(gate));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results.every((passed) => passed) ? 0 : 1;
}

process.exitCode = await main();
