import { beforeEach, describe, expect, it } from 'vitest';
import { enrolMeters } from '../../../lambdas/enrol/enrol-meters.ts';
import { enrolRelay } from '../../../lambdas/enrol/enrol-relay.ts';
import { amendRelay } from '../../../lambdas/enrol/relay-standing.ts';
import { amendMeter } from '../../../lambdas/enrol/standing.ts';
import { makeMaintenance } from '../../../lambdas/maintenance/handler.ts';
import type { ReleaseRequest } from '../../../lambdas/maintenance/release-asked.ts';
import { foldRelay } from '../../../lambdas/shared/devices/relays.ts';
import { Segments } from '../../../lambdas/shared/segments.ts';
import { IotDevices } from '../../../platform/aws/iot/devices.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import type { Principal } from '../../../topology/principals.ts';
import { ASSET } from '../../enrolment/facts.ts';
import { deviceKey } from '../../support/memory-ca.ts';
import { MemoryWorld } from '../../support/memory-platform.ts';
import { lambdaContext } from '../../support/sqs.ts';
import { FakeIot } from './support/fake-iot.ts';

const DAY = 86_400_000;
const METER = '00124b000000abcd';
const SOUND = { by: 'sid', reason: 'examined: a wrong build' };

let world: MemoryWorld;
let iot: FakeIot;
beforeEach(async () => {
  world = new MemoryWorld();
  iot = new FakeIot();
  await enrolRelay(as('enrol'), 'north-1', await certificateOf('dc-north-1', 'concentrator'));
  const certificate = await certificateOf(`m-${METER}`, 'meter');
  await enrolMeters(as('enrol'), [{ meterId: METER, certificate, asset: ASSET, relays: ['north-1'] }]);
});

/** The function's world, with the registry of AWS IoT. */
function as(principal: Principal): Platform {
  const memory = world.as(principal);
  const parts = { client: iot.client, data: iot.data, kms: memory.kms, clock: world.clock, operations: new OperationCounts() };
  return { ...memory, devices: new IotDevices(parts) };
}

async function certificateOf(thing: string, role: 'meter' | 'concentrator'): Promise<Buffer> {
  const now = world.clock.now();
  return world.ca.issue(role, (await deviceKey(thing)).csr, { commonName: thing, notBefore: now - DAY, notAfter: now + DAY });
}

const ask = (request: ReleaseRequest) => makeMaintenance(as('maintenance'))(request, lambdaContext('maintenance'));
const cutOff = async (thing: string) => (await as('enrol').devices.find(thing))?.quarantined;
const quarantineRelay = () =>
  amendRelay(as('enrol'), 'north-1', { type: 'QuarantineRelay', reason: 'detected/messages-sent', at: world.clock.now() });

/** What a stream says last. */
async function lastOf(stream: string): Promise<unknown> {
  let last: unknown;
  for await (const { events } of as('auditor').events.read(stream)) last = events.at(-1);
  return last;
}

describe('a device that was cut off on AWS', () => {
  it.each(['north-1', 'dc-north-1'])(
    'T8.1-4: is let in by the person who asks the function, on record and at the gateway: %s',
    async (release) => {
      await quarantineRelay();
      expect(await cutOff('dc-north-1')).toBe(true);
      await ask({ release, ...SOUND });
      expect(await cutOff('dc-north-1')).toBe(false);
      expect((await foldRelay(as('enrol'), 'north-1')).state.standing).toBe('registered');
      expect(await lastOf('relay/north-1')).toMatchObject({ type: 'RelayReleased', data: SOUND });
    },
  );

  it('is let in where it is a meter, but for one that was retired', async () => {
    const amend = (type: 'Quarantine' | 'Retire') =>
      amendMeter(as('enrol'), new Segments(as('enrol')), METER, { type, reason: 'x', at: world.clock.now() });
    await amend('Quarantine');
    await as('enrol').devices.setQuarantined(`m-${METER}`, true);
    await ask({ release: METER, ...SOUND });
    expect(await cutOff(`m-${METER}`)).toBe(false);
    expect(await lastOf(`meter/${METER}`)).toMatchObject({ type: 'MeterReleased', data: SOUND });
    await amend('Retire');
    await expect(ask({ release: METER, ...SOUND })).rejects.toMatchObject({ code: 'ERR_METER_RETIRED' });
  });

  it.each<[string, Partial<Record<keyof ReleaseRequest, unknown>>, string]>([
    ['nobody', { by: '' }, 'ERR_RELEASE_REQUEST'],
    ['somebody without a name', { by: undefined }, 'ERR_RELEASE_REQUEST'],
    ['somebody who says no reason', { reason: ' ' }, 'ERR_RELEASE_REQUEST'],
    ['somebody who names no device', { release: 7 }, 'ERR_RELEASE_REQUEST'],
    ['somebody who names another', { release: 'north-9' }, 'ERR_DEVICE_UNKNOWN'],
  ])('T8.1-4: stays so when it is asked for by %s', async (_who, wrong, code) => {
    await quarantineRelay();
    await expect(ask({ release: 'north-1', ...SOUND, ...wrong } as ReleaseRequest)).rejects.toMatchObject({ code });
    expect(await cutOff('dc-north-1')).toBe(true);
  });
});
