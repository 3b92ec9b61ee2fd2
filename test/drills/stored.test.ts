import { afterEach, beforeEach, expect, it } from 'vitest';
import { tamperedAws } from '../aws/services/support/tampered-events.ts';
import { CheckedStore, STREAM } from '../log-check/checked-store.ts';
import { Duty } from './duty.ts';

let duty: Duty;
let store: CheckedStore;
beforeEach(async () => {
  duty = new Duty();
  store = new CheckedStore(await tamperedAws());
  await store.grow(4);
});
afterEach(() => duty.end());

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
