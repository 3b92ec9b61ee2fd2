import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { amendRelay } from '../../lambdas/enrol/relay-standing.ts';
import { sayOfDevices } from '../../lambdas/maintenance/say-again-devices.ts';
import { runRetention } from '../../lambdas/retention/run-retention.ts';
import { foldRelay, runRelay } from '../../lambdas/shared/devices/relays.ts';
import { raiseFence } from '../../lambdas/shared/restore-fence.ts';
import { backUp, putBack, restored } from '../../platform/embedded/backup.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { RetentionWorld } from './retention-world.ts';

const RELAY = 'relay/dc-1';
let world: RetentionWorld;
let place: string;

beforeEach(async () => {
  world = await RetentionWorld.make(0);
  place = temporaryDirectory();
});
afterEach(async () => {
  await world.close();
  discard(place);
});

it('R9.1-3: what was deleted by its time, and came back with a restore, is deleted again at once', async () => {
  world.clock.set(Date.UTC(2026, 1, 1, 12));
  const at = world.clock.now();
  await runRelay(world.as('enrol'), 'dc-1', { type: 'RegisterRelay', dcId: 'dc-1', fingerprint: 'f0', at });
  world.clock.set(Date.UTC(2027, 3, 1, 12));
  const to = join(place, 'backup');
  await backUp(world.directory, to, world.clock.now());
  const retained = async () => (await runRetention(world.as('archive'))).relays;
  expect(await retained()).toEqual([{ stream: RELAY, events: 1 }]);
  world.clock.set(Date.UTC(2027, 3, 2, 12));
  expect(await retained()).toEqual([]);
  await world.platform.close();
  await putBack(to, world.directory, world.clock.now());
  await restored(world.directory);
  await world.reopen();
  await raiseFence(world.as('maintenance').directory, world.clock.now());
  expect(await world.as('archive').events.anchor(RELAY)).toBeUndefined();
  expect(await retained()).toEqual([{ stream: RELAY, events: 1 }]);
  expect(await retained()).toEqual([]);
});

it('C10.1-1: a concentrator of which the beginning is deleted by its time is cut off as it was since the backup', async () => {
  world.clock.set(Date.UTC(2026, 1, 1, 12));
  const enrol = () => world.as('enrol');
  await runRelay(enrol(), 'dc-1', { type: 'RegisterRelay', dcId: 'dc-1', fingerprint: 'f0', at: world.clock.now() });
  world.clock.set(Date.UTC(2027, 3, 1, 12));
  await runRelay(enrol(), 'dc-2', { type: 'RegisterRelay', dcId: 'dc-2', fingerprint: 'f2', at: world.clock.now() });
  expect((await runRetention(world.as('archive'))).relays).toEqual([{ stream: RELAY, events: 1 }]);
  const to = join(place, 'backup');
  await backUp(world.directory, to, world.clock.now());
  world.clock.set(Date.UTC(2027, 3, 2, 12));
  await amendRelay(enrol(), 'dc-1', { type: 'QuarantineRelay', reason: 'stolen (sid)', at: world.clock.now() });
  await world.platform.close();
  await putBack(to, world.directory, world.clock.now());
  await restored(world.directory);
  await world.reopen();
  expect(await world.as('archive').events.anchor(RELAY)).toBeDefined();
  await sayOfDevices(world.as('maintenance'));
  expect((await foldRelay(enrol(), 'dc-1')).state).toMatchObject({
    standing: 'quarantined',
    reason: 'stolen (sid)',
    since: world.clock.now(),
  });
});
