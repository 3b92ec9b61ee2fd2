import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeLogCheck } from '../../lambdas/log-check/handler.ts';
import { tamperedAws } from '../aws/services/support/tampered-events.ts';
import { CheckedStore, STREAM } from '../log-check/checked-store.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { lambdaContext } from '../support/sqs.ts';
import { Duty } from './duty.ts';

const HOUR_MS = 3_600_000;
let duty: Duty;
let store: CheckedStore;
beforeEach(async () => {
  duty = new Duty();
  store = new CheckedStore(await tamperedAws());
  await store.grow(4);
});
afterEach(() => duty.end());

/** An hour later, with reads that take their time. @param minutes that pass whenever somebody looks at the clock */
async function slowHour(minutes: number): Promise<boolean> {
  duty.turn();
  store.on.pass(HOUR_MS);
  const platform = store.on.as('log-check');
  let now = platform.clock.now();
  const clock = { now: () => (now += minutes * 60_000) };
  await makeLogCheck({ ...platform, clock }, defencesUnderTest())({} as never, lambdaContext('log-check'));
  return duty.hears('log-unchecked');
}

async function anHourLater(): Promise<boolean> {
  duty.turn();
  await store.run();
  return duty.hears('log-contradicted');
}

it('log-contradicted: a stream that is rolled back raises it each hour, until it is as it was', async () => {
  expect(await anHourLater()).toBe(false);
  const rows = await store.on.rows(STREAM);
  await store.removeFrom(STREAM, 3);
  expect([await anHourLater(), await anHourLater()]).toEqual([true, true]);
  for (const row of rows) await store.on.put(row);
  expect(await anHourLater()).toBe(false);
});

it('log-unchecked: runs that end before they are through raise it when they do so for six hours, and one that is through ends it', async () => {
  expect(duty.alarms.of('log-unchecked')).toMatchObject([{ EvaluationPeriods: 6, TreatMissingData: 'notBreaching' }]);
  expect(await slowHour(0)).toBe(false);
  await store.grow(2);
  expect([await slowHour(9), await slowHour(9)]).toEqual([true, true]);
  expect(await slowHour(0)).toBe(false);
  expect(await slowHour(9)).toBe(false);
});
