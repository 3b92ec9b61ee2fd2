import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recorded } from '../../bin/town/reconciliation.ts';
import { framesTakenBack } from '../../bin/town/taken-back.ts';
import { checkRun } from '../../lambdas/log-check/check-run.ts';
import { awaitingNewEpoch } from '../../lambdas/maintenance/restore.ts';
import { putBack } from '../../platform/embedded/backup.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { filesWith } from '../contract/support/state.ts';
import { HOUR, RestorableTown } from './restorable-town.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
/** Before now, so that the command's own clock, which is the machine's, is later. */
const START = Math.floor(Date.now() / HOUR) * HOUR - 8 * HOUR;
const METERS = 3;

const joulekeep = (...call: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [JOULEKEEP, ...call], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

describe('the drill of a restore', () => {
  let town: RestorableTown;
  let place: string;
  let state: string;
  let clock: RestorableTown['clock'];

  beforeEach(async () => {
    town = await RestorableTown.begin(START, METERS);
    ({ place, state, clock } = town);
  });
  afterEach(async () => await town.discard());

  const hour = (n: number) => town.meters.map((meter) => meter.reading(START + n * HOUR, [n, n, n, n]));

  async function deliver(n: number, frames: readonly Buffer[]): Promise<void> {
    clock.at = Math.max(clock.at, START + n * HOUR);
    await town.deliver(n, frames);
  }

  it('T8-P1: what came after the backup is taken again, what came before it is not, and meters agree new keys first', async () => {
    const hours = [1, 2, 3, 4].map((n) => hour(n));
    await deliver(1, hours[0]!);
    await deliver(2, hours[1]!);
    expect(joulekeep('backup', '--state', state, '--to', town.kept)).toMatchObject({ status: 0 });
    await deliver(3, hours[2]!);
    // A stream that begins after the backup, and has nothing left afterwards.
    await town.openUtilityData();
    await town.log();
    const whole = await recorded(town.platform.as('auditor'));
    expect(whole.readings).toBe(3 * 4 * METERS);
    await town.platform.close();

    const restored = joulekeep('restore', '--from', town.kept, '--state', state);
    expect(restored).toMatchObject({ status: 0 });
    expect(restored.stdout).toContain(`${METERS} meters are answered again once they have agreed new keys`);
    await town.open();
    const behind = await recorded(town.platform.as('auditor'));
    expect(behind.readings).toBe(2 * 4 * METERS);
    expect(await framesTakenBack(state, town.platform.as('auditor').events)).toBe(whole.accepted - behind.accepted);
    expect(whole.accepted - behind.accepted).toBe(METERS);
    expect(await awaitingNewEpoch(town.platform.as('maintenance'))).toHaveLength(METERS);

    // Recorded by somebody, or sent again by a meter: all of it, twice.
    for (const round of [0, 1]) for (const [i, frames] of hours.entries()) await deliver(5 + 4 * round + i, frames);
    const after = await recorded(town.platform.as('auditor'));
    expect(after.readings).toBe(4 * 4 * METERS);
    // Sent again it is other frames.
    expect(await framesTakenBack(state, town.platform.as('auditor').events)).toBe(METERS);
    expect(after.storedWh).toBe((1 + 2 + 3 + 4) * 4 * METERS);
    await town.log();
    // The restore left its receipt where the service's own check looks for it.
    const { findings, checked } = await checkRun(town.platform.as('log-check'));
    expect([findings, checked > 10]).toEqual([[], true]);
    await town.platform.close();
    const aside = readdirSync(state).find((name) => name.startsWith('replaced-'))!;
    const receipt = join(state, aside, 'taken-back.json');
    const verified = joulekeep('verify', '--state', state, '--restored', receipt);
    expect(verified).toMatchObject({ status: 0 });
    expect(verified.stdout).toContain('2 commits of 2 streams were logged and are gone by a restore, as the log says');
    // Without the receipt it is a roll-back, whoever told the log of it.
    const unaccounted = joulekeep('verify', '--state', state);
    expect([unaccounted.status, unaccounted.stdout]).toEqual([
      1,
      expect.stringMatching(
        /takes segment\/00000 back from version \d+ on, and no --restored accounts for it[\s\S]*\nwhat was taken back was a restore or a roll-back: --restored FILE .*replaced-\*\/taken-back\.json\)\n$/,
      ),
    ]);
    expect(joulekeep('verify', '--state', state, '--restored', join(state, 'state-id'))).toMatchObject({ status: 2 });
    await town.open();
  }, 120_000);

  it('R9.1-3: a backup has no key in it', async () => {
    await deliver(1, hour(1));
    joulekeep('backup', '--state', state, '--to', town.kept);
    const rows = await town.platform.as('ingest').keys.list('segment/');
    expect(rows.length).toBeGreaterThan(0);
    expect(filesWith(state, rows[0]!.wrapped).length).toBeGreaterThan(0);
    for (const { wrapped } of rows) expect(filesWith(town.kept, wrapped)).toEqual([]);
  });

  it('refuses places where a backup would do harm, what is no whole backup, one of another state, and a state that is in use', async () => {
    await deliver(1, hour(1));
    const kept = town.kept;
    const refused = (call: readonly string[], why: string) => {
      const { status, stderr } = joulekeep(...call);
      expect([status, stderr]).toEqual([2, expect.stringContaining(why)]);
    };
    const backup = (to: string) => ['backup', '--state', state, '--to', to];
    const restore = (from: string, to = state) => ['restore', '--from', from, '--state', to];
    for (const to of [state, join(state, 'objects', 'backup'), place]) refused(backup(to), 'lies with the state itself');
    refused(backup(join(state, 'events.db')), 'lies with the state itself');
    mkdirSync(join(place, 'broken'));
    writeFileSync(join(place, 'broken', 'events.db'), 'half');
    refused(backup(join(place, 'broken')), 'is not empty');
    expect(joulekeep(...backup(kept))).toMatchObject({ status: 0 });
    refused(backup(kept), 'is not empty');
    refused(restore(kept), 'is in use by process');
    await town.platform.close();
    refused(restore(join(place, 'broken')), 'holds no whole backup');
    const label = readFileSync(join(kept, 'backup.json'), 'utf8');
    for (const torn of ['', label.slice(0, label.length / 2), 'null', '[]', '{"version":1}']) {
      writeFileSync(join(kept, 'backup.json'), torn);
      await expect(putBack(kept, state, clock.now()), torn).rejects.toMatchObject({ code: 'ERR_BACKUP_UNKNOWN' });
    }
    refused(restore(kept), 'holds no whole backup');
    writeFileSync(join(kept, 'backup.json'), label);
    refused(restore(kept, join(place, 'nowhere')), 'no state of a service there');
    const before = readFileSync(join(state, 'events.db'));
    writeFileSync(join(state, 'state-id'), 'another\n');
    refused(restore(kept), 'is a backup of another state');
    expect(readFileSync(join(state, 'events.db')).equals(before)).toBe(true);
    await town.open();
    expect((await recorded(town.platform.as('auditor'))).readings).toBe(4 * METERS);
  }, 120_000);

  it('nothing starts on a state where a restore broke off, and once more ends it; a damaged log holds up no meter', async () => {
    await deliver(1, hour(1));
    await town.log();
    expect(joulekeep('backup', '--state', state, '--to', town.kept)).toMatchObject({ status: 0 });
    await deliver(2, hour(2));
    await town.log();
    await town.platform.close();
    await putBack(town.kept, state, clock.now());
    await expect(createEmbeddedPlatform({ stateDir: state, clock, timer: false })).rejects.toMatchObject({
      code: 'ERR_RESTORE_UNFINISHED',
    });
    const tiles = join(state, 'objects', 'log', 'tile');
    for (const tile of readdirSync(tiles, { recursive: true, encoding: 'utf8' }).map((name) => join(tiles, name)))
      if (statSync(tile).isFile()) writeFileSync(tile, Buffer.alloc(statSync(tile).size));
    const again = joulekeep('restore', '--from', town.kept, '--state', state);
    expect([again.status, again.stdout]).toEqual([1, expect.stringContaining(`${METERS} meters are answered again`)]);
    await town.open();
    expect(await awaitingNewEpoch(town.platform.as('maintenance'))).toHaveLength(METERS);
  }, 120_000);
});
