import { beforeEach, describe, expect, it } from 'vitest';
import { relay } from '../../../domain/enrolment/relay.ts';
import { enrolMeters } from '../../../lambdas/enrol/enrol-meters.ts';
import { enrolRelay } from '../../../lambdas/enrol/enrol-relay.ts';
import { amendMeter } from '../../../lambdas/enrol/standing.ts';
import { Segments } from '../../../lambdas/shared/segments.ts';
import { runDecider } from '../../../lambdas/shared/streams.ts';
import { IotDevices } from '../../../platform/aws/iot/devices.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { fingerprintOf } from '../../../platform/doors/thing-check.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { QUARANTINE_GROUP } from '../../../topology/device-access.ts';
import { ASSET } from '../../enrolment/facts.ts';
import { deviceKey } from '../../support/memory-ca.ts';
import { MemoryWorld } from '../../support/memory-platform.ts';
import { FakeIot } from './support/fake-iot.ts';

const DAY = 86_400_000;
const METER = '00124b000000abcd';

let world: MemoryWorld;
let iot: FakeIot;
let platform: Platform;

beforeEach(() => {
  world = new MemoryWorld();
  iot = new FakeIot();
  const memory = world.as('enrol');
  const parts = { client: iot.client, data: iot.data, kms: memory.kms, clock: world.clock, operations: new OperationCounts() };
  platform = { ...memory, devices: new IotDevices(parts) };
});

async function certificateOf(thing: string, role: 'meter' | 'concentrator'): Promise<Buffer> {
  const now = world.clock.now();
  const validity = { notBefore: now - DAY, notAfter: now + DAY };
  return world.ca.issue(role, (await deviceKey(thing)).csr, { commonName: thing, ...validity });
}

const enrolMeter = (certificate: Buffer) => enrolMeters(platform, [{ meterId: METER, certificate, asset: ASSET, relays: ['north-1'] }]);

const standing = (der: Buffer) => iot.certificates.get(fingerprintOf(der));

const failures = (calls: readonly string[]) =>
  calls.flatMap((call) => (['throttled', 'answer lost'] as const).map((failure) => ({ call, failure })));

const STEPS = ['CreateThing', 'RegisterCertificateWithoutCA', 'AttachThingPrincipal', 'UpdateCertificate'];

describe('an enrolment on AWS IoT that broke off', () => {
  it.each(failures([...STEPS, 'AttachPolicy']))('of a concentrator is finished by the next after $call was $failure', async (step) => {
    const certificate = await certificateOf('dc-north-1', 'concentrator');
    iot.failing.set(step.call, step.failure);
    await expect(enrolRelay(platform, 'north-1', certificate)).rejects.toMatchObject({ retryable: true });
    await enrolRelay(platform, 'north-1', certificate);
    const policies = new Set(['joulekeep-concentrator']);
    expect(standing(certificate)).toMatchObject({ status: 'ACTIVE', things: new Set(['dc-north-1']), policies });
    expect(world.events.eventsOf('relay/north-1')).toHaveLength(1);
  });

  it.each(failures(STEPS))('of a meter is finished by the next after $call was $failure', async (step) => {
    const certificate = await certificateOf(`m-${METER}`, 'meter');
    iot.failing.set(step.call, step.failure);
    await expect(enrolMeter(certificate)).rejects.toMatchObject({ retryable: true });
    expect(await enrolMeter(certificate)).toEqual({ enrolled: 0, already: 1, refused: [] });
    expect(standing(certificate)).toMatchObject({ status: 'ACTIVE', things: new Set([`m-${METER}`]), policies: new Set() });
  });

  it('C10.1-2: is not finished for a certificate that was revoked since', async () => {
    const certificate = await certificateOf('dc-north-1', 'concentrator');
    iot.failing.set('AttachPolicy', 'throttled');
    await expect(enrolRelay(platform, 'north-1', certificate)).rejects.toMatchObject({ code: 'ERR_IOT_THROTTLED' });
    await platform.devices.revoke(fingerprintOf(certificate));
    await enrolRelay(platform, 'north-1', certificate);
    expect(standing(certificate)?.status).toBe('REVOKED');
  });

  it.each([undefined, ...failures(['UpdateCertificate', 'AttachPolicy'])])(
    'C10.1-2: brings back no certificate that a person made inactive since, whatever broke off before: %j',
    async (step) => {
      const relay = await certificateOf('dc-north-1', 'concentrator');
      const metering = await certificateOf(`m-${METER}`, 'meter');
      if (step !== undefined) {
        iot.failing.set(step.call, step.failure);
        await expect(enrolRelay(platform, 'north-1', relay)).rejects.toMatchObject({ retryable: true });
      }
      await enrolRelay(platform, 'north-1', relay);
      await enrolMeter(metering);
      for (const der of [relay, metering]) {
        expect(standing(der)?.status).toBe('ACTIVE');
        standing(der)!.status = 'INACTIVE';
      }
      await enrolRelay(platform, 'north-1', relay);
      await enrolMeter(metering);
      expect([standing(relay)?.status, standing(metering)?.status]).toEqual(['INACTIVE', 'INACTIVE']);
    },
  );

  it('C10.1-2: is finished with the certificate on record, never with another of the same name', async () => {
    const [known, stranger] = [await certificateOf(`m-${METER}`, 'meter'), await certificateOf(`m-${METER}`, 'meter')];
    iot.failing.set('RegisterCertificateWithoutCA', 'throttled');
    await expect(enrolMeter(known)).rejects.toMatchObject({ code: 'ERR_IOT_THROTTLED' });
    await enrolMeter(stranger);
    expect([standing(known)?.status, standing(stranger)]).toEqual(['ACTIVE', undefined]);
  });

  it.each([
    { call: 'CreateThing', left: undefined },
    { call: 'UpdateCertificate', left: 'REVOKED' },
  ])('C10.1-2: at $call is not finished for a meter that has retired since', async ({ call, left }) => {
    const certificate = await certificateOf(`m-${METER}`, 'meter');
    iot.failing.set(call, 'throttled');
    await expect(enrolMeter(certificate)).rejects.toMatchObject({ code: 'ERR_IOT_THROTTLED' });
    await amendMeter(platform, new Segments(platform), METER, { type: 'Retire', at: world.clock.now() });
    await enrolMeter(certificate);
    expect(standing(certificate)?.status).toBe(left);
  });

  it('T8.1-4: lets no concentrator in that was quarantined before the gateway knew it', async () => {
    const certificate = await certificateOf('dc-north-1', 'concentrator');
    iot.failing.set('CreateThing', 'throttled');
    await expect(enrolRelay(platform, 'north-1', certificate)).rejects.toMatchObject({ code: 'ERR_IOT_THROTTLED' });
    await runDecider(platform.events, 'relay/north-1', relay, { type: 'QuarantineRelay', reason: 'test', at: world.clock.now() });
    await enrolRelay(platform, 'north-1', certificate);
    expect([standing(certificate)?.status, iot.groups.get(QUARANTINE_GROUP.name)]).toEqual(['ACTIVE', new Set(['dc-north-1'])]);
  });

  it('C10.1-2: is refused for a certificate that another thing holds', async () => {
    const certificate = await certificateOf('dc-north-1', 'concentrator');
    await enrolRelay(platform, 'north-2', certificate);
    await expect(enrolRelay(platform, 'north-1', certificate)).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_ATTACHED' });
    await expect(enrolRelay(platform, 'north-1', certificate)).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_ATTACHED' });
    expect(standing(certificate)?.things).toEqual(new Set(['dc-north-2']));
  });
});
