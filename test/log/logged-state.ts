import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { verifyState } from '../../bin/log-check/verify-state.ts';
import { makeLog, makeLogCollect } from '../../lambdas/log/handler.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { commitOf } from '../contract/support/events.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { SettableClock } from '../support/settable-clock.ts';

export const MINUTE = 60_000;

/** Starts what makes the log of a platform, and nothing else. */
export async function startLog(platform: Embedded): Promise<void> {
  const defences = defencesUnderTest();
  await platform.host.start({
    queues: {},
    feeds: { 'log-collect': makeLogCollect(platform.as('log'), defences) },
    schedules: [{ name: 'log', everyMinutes: 1, handler: makeLog(platform.as('log'), defences) }],
  });
}

/** Everything that was committed so far gets its place, a minute later. */
export async function logEverything(platform: Embedded, clock: { now(): number; set(at: number): void }): Promise<void> {
  await startLog(platform);
  await platform.host.drain();
  clock.set(clock.now() + MINUTE);
  await platform.host.runDue();
  await platform.host.stop();
}

/** A state directory with a few streams and the log over them, that can be put back, tampered with and verified. */
export class LoggedState {
  readonly root = mkdtempSync(join(tmpdir(), 'joulekeep-log-'));
  readonly directory = join(this.root, 'state');
  readonly witness = join(this.root, 'witness');
  readonly clock = new SettableClock(Date.UTC(2026, 0, 15, 10));
  #platform: Embedded | undefined;

  async open(): Promise<Embedded> {
    this.#platform ??= await createEmbeddedPlatform({
      stateDir: this.directory,
      witnessDir: this.witness,
      clock: this.clock,
      defences: defencesUnderTest(),
      timer: false,
      retryMs: 10,
    });
    return this.#platform;
  }

  async close(): Promise<void> {
    await this.#platform?.close();
    this.#platform = undefined;
  }

  /** So many commits to each stream, and the minute after in which they get their places. */
  async grow(commits: number, streams = ['segment/00000', 'segment/00001', 'segment/00002']): Promise<void> {
    const platform = await this.open();
    const store = platform.as('ingest').events;
    for (let i = 0; i < commits; i++)
      for (const stream of streams) {
        const head = await store.head(stream);
        await store.append(head, commitOf(`${stream} ${head.version} ${this.clock.now()}`, 1 + (i % 2))).durable;
      }
    await logEverything(platform, this.clock);
    await this.close();
  }

  /** A copy of the state as it is, by name. The witness lies elsewhere, out of reach of whoever puts a state back. */
  keep(name: string): void {
    cpSync(this.directory, join(this.root, name), { recursive: true, preserveTimestamps: true });
  }

  putBack(name: string): void {
    copyOver(join(this.root, name), this.directory);
  }

  keepWitness(): void {
    copyOver(this.witness, `${this.witness}-kept`);
  }

  putWitnessBack(): void {
    copyOver(`${this.witness}-kept`, this.witness);
  }

  /** Writes to a file of the store behind its back. */
  tamper(run: (database: DatabaseSync) => void): void {
    const database = new DatabaseSync(join(this.directory, 'events.db'));
    run(database);
    database.close();
  }

  async verify(
    flags: { checkpoint?: readonly string[]; witness?: string } = {},
    prefix = '',
  ): Promise<{ isSound: boolean; said: string[] }> {
    const said: string[] = [];
    const isSound = await verifyState(prefix, { state: this.directory, ...flags }, (line) => void said.push(line));
    return { isSound, said };
  }

  discard(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function copyOver(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  if (existsSync(from)) cpSync(from, to, { recursive: true, preserveTimestamps: true });
}
