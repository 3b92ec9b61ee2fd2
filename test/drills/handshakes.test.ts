import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { signerOf } from '../../protocol/cose.ts';
import { DAY, HOUR, makeScene, type Scene, withEpoch } from '../keys/scene.ts';
import { lambdaContext } from '../support/sqs.ts';
import { Duty } from './duty.ts';

const { privateKey: stranger } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let duty: Duty;
beforeEach(() => {
  duty = new Duty();
});
afterEach(() => duty.end());

/** HELLOs of every meter, each signed by somebody else. */
const forged = (scene: Scene) => Promise.all(scene.meters.map(async (meter) => (await meter.hello(1, {}, signerOf(stranger))).hello.bytes));

async function maintain(scene: Scene): Promise<void> {
  duty.turn();
  await makeMaintenance(scene.world.as('maintenance'), scene.defences)({} as never, lambdaContext('maintenance'));
}

it('handshakes-refused: fifty of known meters in a quarter of an hour raise it, and genuine ones do not', async () => {
  const scene = await makeScene({ meters: 10 });
  for (let round = 0; round < 4; round++) await scene.handshake('north-1', ...(await forged(scene)));
  expect(duty.hears('handshakes-refused')).toBe(false);
  await scene.handshake('north-1', ...(await forged(scene)));
  expect(duty.hears('handshakes-refused')).toBe(true);
  duty.turn();
  await scene.handshake('north-1', (await scene.meters[0]!.hello(1)).hello.bytes);
  expect(scene.down('north-1')).toHaveLength(1);
  expect(duty.hears('handshakes-refused')).toBe(false);
});

it('handshakes-throttled: a meter that asks on and on raises it, and is over it when it asks no more', async () => {
  const scene = await makeScene();
  for (let round = 0; round < 200; round++) await scene.handshake('north-1', ...(await forged(scene)));
  expect(duty.hears('handshakes-throttled')).toBe(true);
  duty.turn();
  scene.world.clock.advance(HOUR);
  await scene.handshake('north-1', (await scene.meters[0]!.hello(1)).hello.bytes);
  expect(scene.down('north-1')).toHaveLength(1);
  expect(duty.hears('handshakes-throttled')).toBe(false);
});

it('epochs-overdue: a meter that got no new keys in 8 days raises it, and one that gets them is over it', async () => {
  const scene = await makeScene();
  await withEpoch(scene, scene.meters[0]!);
  scene.world.clock.advance(6 * DAY);
  await maintain(scene);
  expect(duty.hears('epochs-overdue')).toBe(false);
  scene.world.clock.advance(2 * DAY + HOUR);
  await maintain(scene);
  expect(duty.hears('epochs-overdue')).toBe(true);
  expect(scene.world.drain('service')).toHaveLength(1);
  await withEpoch(scene, scene.meters[0]!, 2);
  scene.world.clock.advance(HOUR);
  await maintain(scene);
  expect(duty.hears('epochs-overdue')).toBe(false);
});

it('schedule-missed: one run after two days without makes up for all of them', async () => {
  const scene = await makeScene();
  await withEpoch(scene, scene.meters[0]!);
  const secrets = () => [...scene.world.keys.rows.keys()].filter((id) => id.startsWith('epoch/'));
  scene.world.clock.advance(13 * DAY);
  await maintain(scene);
  expect(secrets()).toHaveLength(1);
  scene.world.clock.advance(2 * DAY);
  await maintain(scene);
  expect(secrets()).toEqual([]);
  // Nothing that a duty writes ends this alarm: the number of runs itself does, which is missing when there are none.
  for (const alarm of duty.alarms.of('schedule-missed'))
    expect(alarm).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Invocations',
      TreatMissingData: 'breaching',
      EvaluationPeriods: 2,
    });
});
