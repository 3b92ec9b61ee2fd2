import { afterEach, beforeEach, expect, it } from 'vitest';
import { JoulekeepError } from '../../events/errors.ts';
import { requestErasure } from '../../lambdas/erasure/ask.ts';
import { makeErasure } from '../../lambdas/erasure/handler.ts';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { makeRetention } from '../../lambdas/retention/handler.ts';
import { PowertoolsLog } from '../../platform/aws/log.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { accountOf, DAY_MS, ErasureTown } from '../erasure/erasure-town.ts';
import { STREAM } from '../retention/retention-world.ts';
import { tamper } from '../retention/verifying.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { Faults, faulty } from '../support/faults.ts';
import { lambdaContext } from '../support/sqs.ts';
import { Duty } from './duty.ts';

let duty: Duty;
let town: ErasureTown;
beforeEach(async () => {
  duty = new Duty();
  town = await ErasureTown.make();
  await town.days(2);
}, 120_000);
afterEach(async () => {
  duty.end();
  await town.close();
});

/** Which streams there are is told, and nothing of what is in them. */
function down(platform: Platform): Platform {
  const faults = new Faults();
  faults.set('store', { kind: 'down' });
  return reaching(platform, faults);
}

function reaching(platform: Platform, faults: Faults): Platform {
  const { events } = platform;
  return {
    ...platform,
    events: { ...faulty(platform, faults).events, streams: (prefix) => events.streams(prefix), sweep: () => events.sweep() },
  };
}

/** As a store finds a commit that is not the one it recorded. */
async function* damaged(): AsyncGenerator<never> {
  yield* [];
  throw new JoulekeepError('ERR_COMMIT_DAMAGED', 'a commit is not what was recorded');
}

async function retain(platform = town.as('archive')): Promise<void> {
  duty.turn();
  await makeRetention(platform)({} as never, lambdaContext('retention'));
}

async function erase(platform = town.as('erasure')): Promise<void> {
  duty.turn();
  await makeErasure(platform, defencesUnderTest(), town.platform.identity)({} as never, lambdaContext('erasure'));
}

it('retention-failed: a store that does not answer raises it, and the next run does the rest', async () => {
  await retain(down(town.as('archive')));
  expect(duty.hears('retention-failed')).toBe(true);
  await retain();
  expect(duty.hears('retention-failed')).toBe(false);
}, 120_000);

it('a segment that retention finds damaged raises the alarm of damage beside its own', async () => {
  const archive = town.as('archive');
  const platform = reaching(archive, new Faults());
  await retain({ ...archive, log: new PowertoolsLog('retention'), events: { ...platform.events, read: damaged } });
  expect([duty.hears('retention-failed'), duty.hears('record-damaged')]).toEqual([true, true]);
  await retain();
  expect([duty.hears('retention-failed'), duty.hears('record-damaged')]).toEqual([false, false]);
}, 120_000);

it('erasure-stuck: an erasure whose streams cannot be read raises it, and the next run goes on', async () => {
  await town.moveOut(0);
  await requestErasure(town.as('erasure'), accountOf(0), { by: 'utility', person: 'ann' });
  town.clock.advance(61 * DAY_MS);
  await erase(down(town.as('erasure')));
  expect(duty.hears('erasure-stuck')).toBe(true);
  await erase();
  expect(duty.hears('erasure-stuck')).toBe(false);
  expect(await town.as('archive').keys.list(`usage/${accountOf(0)}/`)).toEqual([]);
}, 120_000);

it('record-damaged: a commit that was altered in the store raises it, and does not where it is put back', async () => {
  const maintain = async () => {
    duty.turn();
    town.clock.advance(4 * 3_600_000);
    await makeMaintenance(town.as('maintenance'), defencesUnderTest())({} as never, lambdaContext('maintenance'));
  };
  const flip = () =>
    tamper(town, (database) => database.exec(`UPDATE commits SET version = -version - 1 WHERE stream = '${STREAM}' AND version % 2 = 1`));
  flip();
  await expect(maintain()).rejects.toMatchObject({ code: 'ERR_COMMIT_DAMAGED' });
  expect(duty.hears('record-damaged')).toBe(true);
  tamper(town, (database) => database.exec(`UPDATE commits SET version = -version - 1 WHERE stream = '${STREAM}' AND version < 0`));
  await maintain();
  expect(duty.hears('record-damaged')).toBe(false);
}, 120_000);
