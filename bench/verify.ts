import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyState } from '../bin/log-check/verify-state.ts';
import { makeLog, makeLogCollect } from '../lambdas/log/handler.ts';
import { createEmbeddedPlatform } from '../platform/embedded/platform.ts';
import type { StreamHead } from '../platform/ports/event-store.ts';
import { telemetryCommit } from '../test/contract/support/events.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { atMost, type Result } from './measure.ts';

const STREAMS = 64;
const GROUP = 1_000;
const BODY_BYTES = 700;
const MINUTE = 60_000;
/** `joulekeep verify` of a million commits may take so many seconds. */
const GOAL_SECONDS = 60;
const GOAL_COMMITS = 1_000_000;

/** A state of so many commits of 1 KiB with the log over them: how long the log takes to make, and `verify` to check all of it. */
export async function verifying(commits: number): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), 'joulekeep-bench-'));
  try {
    const logging = await fill(directory, commits);
    const start = performance.now();
    const said: string[] = [];
    const isSound = await verifyState('', { state: directory }, (line) => void said.push(line));
    const seconds = (performance.now() - start) / 1000;
    if (!isSound || !said[0]?.includes(`${commits} sound commits`)) throw new Error(`not a sound state: ${said.join('; ')}`);
    return [
      atMost(`verify ${GOAL_COMMITS} commits of 1 KiB, measured with ${commits}`, (seconds * GOAL_COMMITS) / commits, 's', GOAL_SECONDS),
      { name: 'give commits their places in the log, and sign over them', value: logging, unit: 'us/commit' },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @returns microseconds for each commit from the store to its place in the log */
async function fill(stateDir: string, commits: number): Promise<number> {
  let now = Date.UTC(2026, 0, 15);
  const platform = await createEmbeddedPlatform({ stateDir, clock: { now: () => now }, timer: false });
  try {
    const store = platform.as('ingest').events;
    const heads: StreamHead[] = [];
    for (let stream = 0; stream < STREAMS; stream++) heads.push(await store.head(`segment/${String(stream).padStart(5, '0')}`));
    for (let group = 0; group < commits / GROUP; group++) {
      const waiting = Array.from({ length: GROUP }, (_, at) => {
        const appended = store.append(heads[at % STREAMS]!, telemetryCommit(`${group} ${at}`, BODY_BYTES));
        heads[at % STREAMS] = appended.head;
        return appended.durable;
      });
      await Promise.all(waiting);
    }
    now += MINUTE;
    const start = performance.now();
    await platform.host.start({
      queues: {},
      feeds: { 'log-collect': makeLogCollect(platform.as('log'), ALL_DEFENCES) },
      schedules: [{ name: 'log', everyMinutes: 1, handler: makeLog(platform.as('log'), ALL_DEFENCES) }],
    });
    await platform.host.drain();
    now += MINUTE;
    await platform.host.runDue();
    return ((performance.now() - start) * 1000) / commits;
  } finally {
    await platform.close();
  }
}
