import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LaneError } from './lane-error.ts';
import { ROOT } from './places.ts';

/** A script of node_modules, run on this Node. */
export interface Command {
  /** Path below node_modules. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** The repository's root where it is absent. */
  readonly cwd?: string;
}

/** Runs a command whose output is for people. @returns its exit code */
export async function show({ script, args, env, cwd = ROOT }: Command): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', script), ...args], { cwd, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

/** Runs a command whose output is for us. */
export async function answer({ script, args, env, cwd = ROOT }: Command): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', script), ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      said[name] += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : 1, ...said };
}

/**
 * Runs a command whose output matters only when it fails. @param log gets all of it
 * @throws LaneError with what it said last
 */
export async function quietly(name: string, { script, args, env, cwd = ROOT }: Command, log: string): Promise<void> {
  mkdirSync(dirname(log), { recursive: true });
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', script), ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const kept = createWriteStream(log);
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      kept.write(chunk);
      tail = `${tail}${chunk}`.slice(-2_000);
    });
  }
  const [code] = await once(child, 'close');
  kept.end();
  if (code !== 0) throw new LaneError(`${name} failed:\n${tail.trim()}\n`, `all it said is in ${log}`);
}

/** Environment of whoever talks to an emulator: keys that open nothing, and no way to anybody's account. */
export function emulatorEnvironment(endpoint: string, region: string): Record<string, string> {
  const nowhere = join(ROOT, '.lanes', 'no-such-file');
  return {
    ...handedOn(['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'CI', 'NO_COLOR', 'FORCE_COLOR', 'TERM', 'NODE_EXTRA_CA_CERTS']),
    ...handedOn(Object.keys(process.env).filter((name) => name.startsWith('JOULEKEEP_'))),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    AWS_EC2_METADATA_DISABLED: 'true',
    JOULEKEEP_AWS_ENDPOINT: endpoint,
  };
}

function handedOn(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
