import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recorded } from '../../bin/town/reconciliation.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { makeLogCollect } from '../../lambdas/log/handler.ts';
import { Sequencer } from '../../lambdas/log/sequencer.ts';
import { awaitingNewEpoch } from '../../lambdas/maintenance/restore.ts';
import { makeProject } from '../../lambdas/project/handler.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { discard, filesWith, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { type SealedMeter, sealedTown, telemetryBody } from '../support/sealed-town.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const HOUR = 3_600_000;
/** Before now, so that the command's own clock, which is the machine's, is later. */
const START = Math.floor(Date.now() / HOUR) * HOUR - 8 * HOUR;
const METERS = 3;

const joulekeep = (...call: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [JOULEKEEP, ...call], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

describe('the drill of a restore', () => {
  let place: string;
  let state: string;
  let clock: { at: number; now(): number };
  let platform: Embedded;
  let town: SealedMeter[];

  beforeEach(async () => {
    place = temporaryDirectory();
    state = join(place, 'state');
    clock = { at: START, now: () => clock.at };
    await open();
    town = await sealedTown((principal) => platform.as(principal), { meters: METERS, at: START });
  });
  afterEach(async () => {
    await platform.close();
    discard(place);
  });

  async function open(): Promise<void> {
    platform = await createEmbeddedPlatform({ stateDir: state, clock, timer: false });
    const telemetry = makeIngest(platform.as('ingest'), defencesUnderTest());
    const project = makeProject(platform.as('project'), defencesUnderTest());
    await platform.host.start({
      queues: { telemetry },
      feeds: { project, 'log-collect': makeLogCollect(platform.as('log'), defencesUnderTest()) },
    });
  }

  /** What was committed so far gets its place. */
  async function log(): Promise<void> {
    await platform.host.drain();
    await new Sequencer(platform.as('log')).run();
  }

  const hour = (n: number) => town.map((meter) => meter.reading(START + n * HOUR, [n, n, n, n]));

  async function deliver(n: number, frames: readonly Buffer[]): Promise<void> {
    clock.at = Math.max(clock.at, START + n * HOUR);
    await platform.queues.send('telemetry', telemetryBody('one', clock.at, n, frames));
    await platform.host.drain();
  }

  it('T8-P1: what came after the backup is taken again, what came before it is not, and meters agree new keys first', async () => {
    const hours = [1, 2, 3, 4].map((n) => hour(n));
    await deliver(1, hours[0]!);
    await deliver(2, hours[1]!);
    expect(joulekeep('backup', '--state', state, '--to', join(place, 'kept'))).toMatchObject({ status: 0 });
    await deliver(3, hours[2]!);
    await log();
    const whole = await recorded(platform.as('auditor'));
    expect(whole.readings).toBe(3 * 4 * METERS);
    await platform.close();

    const restored = joulekeep('restore', '--from', join(place, 'kept'), '--state', state);
    expect(restored).toMatchObject({ status: 0 });
    expect(restored.stdout).toContain(`${METERS} meters are answered again once they have agreed new keys`);
    await open();
    expect((await recorded(platform.as('auditor'))).readings).toBe(2 * 4 * METERS);
    expect(await awaitingNewEpoch(platform.as('maintenance'))).toHaveLength(METERS);

    // Recorded by somebody, or sent again by a meter: all of it, twice.
    for (const round of [0, 1]) for (const [i, frames] of hours.entries()) await deliver(5 + 4 * round + i, frames);
    const after = await recorded(platform.as('auditor'));
    expect(after.readings).toBe(4 * 4 * METERS);
    expect(after.storedWh).toBe((1 + 2 + 3 + 4) * 4 * METERS);
    await log();
    await platform.close();
    const verified = joulekeep('verify', '--state', state);
    expect(verified).toMatchObject({ status: 0 });
    expect(verified.stdout).toContain('commits of 1 streams were logged and are gone by a restore, as the log says');
    await open();
  }, 120_000);

  it('R9.1-3: a backup has no key in it', async () => {
    await deliver(1, hour(1));
    joulekeep('backup', '--state', state, '--to', join(place, 'kept'));
    const rows = await platform.as('ingest').keys.list('segment/');
    expect(rows.length).toBeGreaterThan(0);
    expect(filesWith(state, rows[0]!.wrapped).length).toBeGreaterThan(0);
    for (const { wrapped } of rows) expect(filesWith(join(place, 'kept'), wrapped)).toEqual([]);
  });

  it('refuses what is no whole backup, a folder that has one, and a state that is in use', async () => {
    await deliver(1, hour(1));
    mkdirSync(join(place, 'broken'));
    appendFileSync(join(place, 'broken', 'events.db'), 'half');
    expect(joulekeep('backup', '--state', state, '--to', join(place, 'kept'))).toMatchObject({ status: 0 });
    const inUse = joulekeep('restore', '--from', join(place, 'kept'), '--state', state);
    expect([inUse.status, inUse.stderr]).toEqual([2, expect.stringContaining('is in use by process')]);
    await platform.close();
    const broken = joulekeep('restore', '--from', join(place, 'broken'), '--state', state);
    expect([broken.status, broken.stderr]).toEqual([2, expect.stringContaining('holds no whole backup')]);
    const twice = joulekeep('backup', '--state', state, '--to', join(place, 'kept'));
    expect([twice.status, twice.stderr]).toEqual([2, expect.stringContaining('holds a backup already')]);
    expect(existsSync(join(state, 'events.db'))).toBe(true);
    expect(JSON.parse(readFileSync(join(place, 'kept', 'backup.json'), 'utf8'))).toMatchObject({ version: 1 });
    await open();
  }, 60_000);
});
