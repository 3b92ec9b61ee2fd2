import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeUpPutBack } from '../../bin/take-up-restore.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { makeLogCollect } from '../../lambdas/log/handler.ts';
import { Sequencer } from '../../lambdas/log/sequencer.ts';
import { awaitingNewEpoch } from '../../lambdas/maintenance/restore.ts';
import { openSubjectData } from '../../lambdas/shared/subject-data.ts';
import { backUp, putBack, RESTORING } from '../../platform/embedded/backup.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { Dice, Life, mortal } from '../property/mortal.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { type SealedMeter, sealedTown, telemetryBody } from '../support/sealed-town.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 15, 9);
const METERS = 2;

let place: string;
let state: string;
let clock: { at: number; now(): number };
let platform: Embedded;
let town: SealedMeter[];
let sent: number;

beforeEach(async () => {
  place = temporaryDirectory();
  state = join(place, 'state');
  clock = { at: START, now: () => clock.at };
  sent = 0;
  await open();
  town = await sealedTown((principal) => platform.as(principal), { meters: METERS, at: START });
});
afterEach(async () => {
  await platform.close();
  discard(place);
});

async function open(): Promise<void> {
  platform = await createEmbeddedPlatform({ stateDir: state, clock, timer: false });
  await platform.host.start({
    queues: { telemetry: makeIngest(platform.as('ingest'), defencesUnderTest()) },
    feeds: { 'log-collect': makeLogCollect(platform.as('log'), defencesUnderTest()) },
  });
}

async function measure(): Promise<void> {
  clock.at += HOUR;
  const frames = town.map((meter) => meter.reading(clock.at - (clock.at % HOUR), [1, 2, 3, 4]));
  await platform.queues.send('telemetry', telemetryBody('one', clock.at, ++sent, frames));
  await log();
}

async function log(): Promise<void> {
  await platform.host.drain();
  await new Sequencer(platform.as('log')).run();
}

/** Two hours are kept, two are lost, and a stream that began meanwhile. */
async function lose(): Promise<void> {
  for (let hour = 0; hour < 2; hour++) await measure();
  await backUp(state, join(place, 'kept'), clock.at);
  const window = { from: START, until: START + HOUR };
  await openSubjectData(platform.as('close-day'), { purpose: 'close-day', ...window, subjects: ['nobody-in-particular'] });
  for (let hour = 0; hour < 2; hour++) await measure();
  await platform.close();
}

/** The command, whose process ends after so many moments. @returns the receipt, where it came to its end */
async function restore(moments = Number.POSITIVE_INFINITY): Promise<string | undefined> {
  clock.at += 1_000;
  const back = await putBack(join(place, 'kept'), state, clock.at);
  const life = new Life(new Dice(7), moments);
  platform = await createEmbeddedPlatform({ stateDir: state, clock, timer: false, restoring: true });
  try {
    const { receipt } = await takeUpPutBack(state, (principal) => mortal(platform.as(principal), life), back);
    return receipt;
  } catch (error) {
    if (!life.dead) throw error;
    return undefined;
  } finally {
    await platform.close();
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
    await expect(createEmbeddedPlatform({ stateDir: state, clock, timer: false })).rejects.toMatchObject({
      code: 'ERR_RESTORE_UNFINISHED',
    });
  }
  expect(died).toBeGreaterThan(8);
  await open();
  expect(await awaitingNewEpoch(platform.as('maintenance'))).toHaveLength(METERS);
  for (let hour = 0; hour < 3; hour++) await measure();
  await platform.close();
  const { status, stdout } = verify(receipt!);
  expect([status, stdout]).toEqual([0, expect.stringContaining('3 commits of 2 streams were logged and are gone by a restore')]);
  await open();
}, 120_000);

it('C10.1-7: the receipt of the try that ends well accounts for what those before it told the log', async () => {
  await lose();
  clock.at += 1_000;
  const back = await putBack(join(place, 'kept'), state, clock.at);
  platform = await createEmbeddedPlatform({ stateDir: state, clock, timer: false, restoring: true });
  const mark = readFileSync(join(state, RESTORING));
  const first = await takeUpPutBack(state, platform.as, back);
  expect(first.streams).toBe(2);
  // All is told, and the process ends before the state is open.
  writeFileSync(join(state, RESTORING), mark);
  await platform.close();
  const receipt = await restore();
  expect(receipt).not.toBe(first.receipt);
  expect(verify(receipt!)).toMatchObject({ status: 0 });
  await open();
}, 120_000);
