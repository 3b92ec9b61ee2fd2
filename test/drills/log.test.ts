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

it('a tile of the log that is not what was signed raises the alarm of damage, and does not where it is put back', async () => {
  await log.tell(log.commit(20));
  await log.run();
  const tile = 'log/tile/0/000.p/20';
  const bytes = (await log.world.objects.get(tile))!;
  await log.world.objects.put(tile, Buffer.from(bytes).fill(0, 0, 8));
  await expect(log.run()).rejects.toMatchObject({ code: 'ERR_LOG_REFUSED' });
  expect(duty.hears('record-damaged')).toBe(true);
  duty.turn();
  await log.world.objects.put(tile, bytes);
  await log.run();
  expect(duty.hears('record-damaged')).toBe(false);
});
