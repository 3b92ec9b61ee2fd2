import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { LaneError } from './lane-error.ts';
import { LANES } from './places.ts';

export interface Server {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Ends it and everything it started, by pid, with SIGKILL. Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Standard output and error end up here. */
  readonly log: string;
  readonly endpoint: string;
  /** Answers whether it can be used by now; throwing means no. */
  readonly isReady: () => Promise<boolean>;
  readonly readyWithinMs: number;
}

const LOOK_AGAIN_MS = 200;

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new LaneError('no free port', 'end what holds them all');
  return address.port;
}

/** An empty folder for one run of an emulator; it goes when this process does. */
export function runFolder(lane: string, port: number): string {
  const folder = join(LANES, lane, 'runs', String(port));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  remove();
  mkdirSync(folder, { recursive: true });
  process.once('exit', remove);
  return folder;
}

/**
 * Starts a server under a guard (guard.ts) and waits until it answers.
 * @throws LaneError with the last line of its log when it ends first or isn't ready in time
 */
export async function launch(options: Launch): Promise<Server> {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, 'w');
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts'), options.command, ...options.args], {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ['pipe', log, log],
    // Ctrl-C at the terminal reaches the run alone; the guard follows when the pipe closes.
    detached: true,
  });
  closeSync(log);
  guard.stdin?.on('error', () => undefined);
  const stop = () => endOf(guard);
  await becomesReady(guard, options).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { endpoint: options.endpoint, stop };
}

async function becomesReady(guard: ChildProcess, { name, isReady, readyWithinMs, log }: Launch): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline) {
    if (guard.exitCode !== null) throw new LaneError(`${name} ended before it was ready: ${lastLine(log)}`, `its log is ${log}`);
    if (await isReady().catch(() => false)) return;
    await wait(LOOK_AGAIN_MS);
  }
  throw new LaneError(`${name} is not ready after ${readyWithinMs / 1000} s: ${lastLine(log)}`, `its log is ${log}`);
}

async function endOf(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return;
  const gone = once(guard, 'exit');
  guard.stdin?.end();
  await gone;
}

function lastLine(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) || 'it said nothing';
}
