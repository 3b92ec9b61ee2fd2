import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeUpPutBack } from '../../bin/service/take-up-restore.ts';
import { awaitingNewEpoch } from '../../lambdas/maintenance/restore.ts';
import { backUp, putBack, RESTORING } from '../../platform/embedded/backup.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { Dice, Life, mortal } from '../property/mortal.ts';
import { HOUR, RestorableTown } from './restorable-town.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const START = Date.UTC(2026, 0, 15, 9);
const METERS = 2;

let town: RestorableTown;
let state: string;
let sent: number;

beforeEach(async () => {
  town = await RestorableTown.begin(START, METERS);
  ({ state } = town);
  sent = 0;
});
afterEach(async () => await town.discard());

async function measure(): Promise<void> {
  const { clock, meters } = town;
  clock.at += HOUR;
  await town.deliver(
    ++sent,
    meters.map((meter) => meter.reading(clock.at - (clock.at % HOUR), [1, 2, 3, 4])),
  );
  await town.log();
}

/** Two hours are kept, two are lost, and a stream that began meanwhile. */
async function lose(): Promise<void> {
  for (let hour = 0; hour < 2; hour++) await measure();
  await backUp(state, town.kept, town.clock.at);
  await town.openUtilityData();
  for (let hour = 0; hour < 2; hour++) await measure();
  await town.platform.close();
}

/** The command, whose process ends after so many moments. @returns the receipt, where it came to its end */
async function restore(moments = Number.POSITIVE_INFINITY): Promise<string | undefined> {
  town.clock.at += 1_000;
  const back = await putBack(town.kept, state, town.clock.at);
  const life = new Life(new Dice(7), moments);
  town.platform = await createEmbeddedPlatform({ stateDir: state, clock: town.clock, timer: false, restoring: true });
  try {
    const { receipt } = await takeUpPutBack(state, (principal) => mortal(town.platform.as(principal), life), back);
    return receipt;
  } catch (error) {
    if (!life.dead) throw error;
    return undefined;
  } finally {
    await town.platform.close();
  }
}

const verify = (receipt: string) =>
  spawnSync(process.execPath, [JOULEKEEP, 'verify', '--state', state, '--restored', receipt], { encoding: 'utf8' });

it('C10.1-7, T8-P1: nothing starts on a state until the log is told, and a restore that ends at any step is made whole by another', async () => {
  await lose();
  let receipt: string | undefined;
  let died = 0;
  for (let moments = 1; receipt === undefined; moments = Math.ceil(moments * 1.3)) {
    receipt = await restore(moments);
    if (receipt !== undefined) break;
    died++;
    await expect(createEmbeddedPlatform({ stateDir: state, clock: town.clock, timer: false })).rejects.toMatchObject({
      code: 'ERR_RESTORE_UNFINISHED',
    });
  }
  expect(died).toBeGreaterThan(8);
  await town.open();
  expect(await awaitingNewEpoch(town.platform.as('maintenance'))).toHaveLength(METERS);
  for (let hour = 0; hour < 3; hour++) await measure();
  await town.platform.close();
  const { status, stdout } = verify(receipt!);
  expect([status, stdout]).toEqual([0, expect.stringContaining('3 commits of 2 streams were logged and are gone by a restore')]);
  await town.open();
}, 120_000);

it('C10.1-7: the receipt of the try that ends well accounts for what those before it told the log', async () => {
  await lose();
  town.clock.at += 1_000;
  const back = await putBack(town.kept, state, town.clock.at);
  town.platform = await createEmbeddedPlatform({ stateDir: state, clock: town.clock, timer: false, restoring: true });
  const mark = readFileSync(join(state, RESTORING));
  const first = await takeUpPutBack(state, town.platform.as, back);
  expect(first.streams).toBe(2);
  // All is told, and the process ends before the state is open.
  writeFileSync(join(state, RESTORING), mark);
  await town.platform.close();
  const receipt = await restore();
  expect(receipt).not.toBe(first.receipt);
  expect(verify(receipt!)).toMatchObject({ status: 0 });
  await town.open();
}, 120_000);
