import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogWorld } from '../log/log-world.ts';
import { Faults, faultyKms } from '../support/faults.ts';
import { Duty } from './duty.ts';

let duty: Duty;
let log: LogWorld;
beforeEach(() => {
  duty = new Duty();
  log = new LogWorld();
});
afterEach(() => duty.end());

it('log-late: a key service that signs nothing raises it, and the next run catches up', async () => {
  await log.tell(log.commit(5));
  const faults = new Faults();
  const platform = { ...log.platform, kms: faultyKms(log.platform.kms, faults) };
  faults.set('keyService', { kind: 'down' });
  await expect(log.run(platform)).rejects.toMatchObject({ code: 'ERR_KMS_THROTTLED' });
  expect(duty.hears('log-late')).toBe(true);
  faults.set('keyService', undefined);
  await log.run(platform);
  expect((await log.latest())?.size).toBe(5);
  expect(duty.hears('log-late')).toBe(false);
});

it('witness-late: a witness that cannot be reached raises it, and gets its copies when it can', async () => {
  log.world.witness.down = true;
  await log.tell(log.commit(5));
  await log.run();
  expect(duty.hears('witness-late')).toBe(true);
  duty.turn();
  log.world.witness.down = false;
  await log.run();
  expect(log.world.witness.kept.size).toBe(2);
  expect(duty.hears('witness-late')).toBe(false);
});
