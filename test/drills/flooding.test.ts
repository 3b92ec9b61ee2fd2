import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { FIRST_HOUR, IngestWorld } from '../ingest/ingest-world.ts';
import { makeScene } from '../keys/scene.ts';
import { lambdaContext } from '../support/sqs.ts';
import { Duty } from './duty.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIMITS = { ...INGEST_LIMITS, meter: { burst: 20, perHour: 20 }, relay: { burst: 500, perHour: 500 }, floodingFrames: 50 };

let duty: Duty;
beforeEach(() => {
  duty = new Duty();
});
afterEach(() => duty.end());

it('device-flooding: a meter, and a concentrator, that go on beyond their share raise it and are heard no more until a person releases them', async () => {
  const sent = await IngestWorld.make({ meters: 3 }, { limits: LIMITS });
  const [flooder, honest] = sent.town;
  const frames = (count: number, at: number) => Array.from({ length: count }, () => flooder!.reading(at, [1, 1, 1, 1]));
  await sent.deliver(frames(60, FIRST_HOUR));
  expect(duty.hears('device-flooding')).toBe(false);
  await sent.deliver(frames(60, FIRST_HOUR));
  expect([duty.hears('device-flooding', 'telemetry'), duty.hears('device-flooding', 'handshakes')]).toEqual([true, false]);
  const said = () => sent.world.logged.flatMap(({ fields }) => (fields?.code === 'DEVICE_QUARANTINED' ? [fields.reason] : []));
  expect(said()).toEqual(['flooding']);
  duty.turn();
  const junk = Array.from({ length: 500 }, () => Buffer.alloc(81, 7));
  for (let minute = 1; minute <= 6; minute++) await sent.deliver(junk, 'two', FIRST_HOUR + minute * MINUTE);
  expect(duty.hears('device-flooding', 'telemetry')).toBe(true);
  expect(said()).toEqual(['flooding', 'flood']);
  duty.turn();
  await sent.deliver([honest!.reading(FIRST_HOUR + HOUR, [1]), flooder!.reading(FIRST_HOUR + HOUR, [1])], 'one', FIRST_HOUR + HOUR);
  expect((await sent.tally()).refusedByReason['meter-quarantined']).toBe(1);
  expect(duty.hears('device-flooding')).toBe(false);
  for (const thing of [flooder!.meterId, 'dc-two'])
    await makeMaintenance(sent.world.as('maintenance'))(
      { release: thing, by: 'sid', reason: 'examined: sound' },
      lambdaContext('maintenance'),
    );
  await sent.deliver([flooder!.reading(FIRST_HOUR + 2 * HOUR, [1])], 'one', FIRST_HOUR + 2 * HOUR);
  expect((await sent.tally()).refusedByReason['meter-quarantined']).toBe(1);
  expect((await sent.events('relay/two')).at(-1)?.type).toBe('RelayReleased');
});

it('handshakes of a concentrator that goes on beyond its share ring as well, once', async () => {
  const scene = await makeScene();
  const flood = async (count: number) => {
    for (let i = 0; i < count; i += 200) await scene.handshake('north-2', ...Array.from({ length: 200 }, () => randomBytes(8)));
    scene.world.clock.advance(MINUTE);
  };
  for (let minute = 0; minute < 4; minute++) await flood(minute === 0 ? 2_400 : 1_400);
  expect(duty.hears('device-flooding')).toBe(false);
  await flood(1_400);
  expect(duty.hears('device-flooding', 'handshakes')).toBe(true);
  duty.turn();
  await flood(1_400);
  expect(duty.hears('device-flooding')).toBe(false);
});
