import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { relay } from '../../../domain/enrolment/relay.ts';
import { makeEnrol } from '../../../lambdas/enrol/handler.ts';
import { takeRegistration } from '../../../lambdas/enrol/take-registration.ts';
import { makeCounters } from '../../../lambdas/middleware/counters.ts';
import { runDecider } from '../../../lambdas/shared/streams.ts';
import { IotDevices } from '../../../platform/aws/iot/devices.ts';
import { IotPendingCertificates } from '../../../platform/aws/iot/pending-certificates.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { fingerprintOf } from '../../../platform/doors/thing-check.ts';
import { deviceKey } from '../../support/memory-ca.ts';
import { MemoryWorld } from '../../support/memory-platform.ts';
import { failedIds, lambdaContext, sqsEvent } from '../../support/sqs.ts';
import { FakeIot } from './support/fake-iot.ts';

const THING = 'dc-0042';
const DAY = 86_400_000;

let world: MemoryWorld;
let iot: FakeIot;
let operations: OperationCounts;
let pending: IotPendingCertificates;
let handler: ReturnType<typeof makeEnrol>;

beforeEach(() => {
  world = new MemoryWorld();
  iot = new FakeIot();
  operations = new OperationCounts();
  pending = new IotPendingCertificates({ client: iot.client, operations });
  const platform = world.as('enrol');
  const devices = new IotDevices({ client: iot.client, data: iot.data, kms: platform.kms, clock: world.clock, operations });
  handler = makeEnrol({ ...platform, devices }, pending);
});

/** A certificate of the right CA as AWS IoT has it after it was shown for the first time. */
async function shown(): Promise<string> {
  const now = world.clock.now();
  const validity = { notBefore: now - DAY, notAfter: now + DAY };
  const der = await world.ca.issue('concentrator', (await deviceKey(THING)).csr, { commonName: THING, ...validity });
  const certificateId = fingerprintOf(der);
  const pem = new X509Certificate(der).toString();
  iot.certificates.set(certificateId, { pem, status: 'PENDING_ACTIVATION', things: new Set(), policies: new Set() });
  return certificateId;
}

const stocked = (fingerprint: string) =>
  runDecider(world.events, 'relay/0042', relay, { type: 'RegisterRelay', dcId: '0042', fingerprint, at: world.clock.now() });

const IN_FORCE = { status: 'ACTIVE', things: new Set([THING]), policies: new Set(['joulekeep-concentrator']) };

/** Every call of a registration that changes something. */
const STEPS = ['CreateThing', 'AttachThingPrincipal', 'AttachPolicy', 'UpdateCertificate'].flatMap((call) =>
  (['throttled', 'answer lost'] as const).map((failure) => ({ call, failure })),
);

const tell = async (certificateId: string) =>
  failedIds((await handler(sqsEvent('registrations', [JSON.stringify({ certificateId })]), lambdaContext('enrol'))) ?? undefined);

describe('a certificate that AWS IoT registered by itself', () => {
  it('C10.1-2: is attached to its thing and put in force once that is in stock with it', async () => {
    const certificateId = await shown();
    await stocked(certificateId);
    expect(await tell(certificateId)).toEqual([]);
    expect(iot.certificates.get(certificateId)).toMatchObject(IN_FORCE);
    expect(iot.calls.filter((call) => /^(Attach|Update|Create|Register)/.test(call)).at(-1)).toBe('UpdateCertificate');
  });

  it.each(STEPS)('C10.1-2: is put in force by the notice delivered again after $call was $failure', async ({ call, failure }) => {
    const certificateId = await shown();
    await stocked(certificateId);
    iot.failing.set(call, failure);
    expect(await tell(certificateId)).toEqual(['message-0']);
    expect(iot.failing.size).toBe(0);
    expect(await tell(certificateId)).toEqual([]);
    expect(iot.certificates.get(certificateId)).toMatchObject(IN_FORCE);
  });

  it('C10.1-2: stays out when it was revoked between two deliveries of the notice', async () => {
    const certificateId = await shown();
    await stocked(certificateId);
    iot.failing.set('AttachPolicy', 'throttled');
    expect(await tell(certificateId)).toEqual(['message-0']);
    iot.certificates.get(certificateId)!.status = 'REVOKED';
    expect(await tell(certificateId)).toEqual([]);
    expect(iot.certificates.get(certificateId)?.status).toBe('REVOKED');
  });

  it('C10.1-2: counts as accepted only when the registry says at the end that it is in force', async () => {
    const counted = async (status: string) => {
      const certificateId = await shown();
      await stocked(certificateId);
      // Revoked by somebody else between the last step and the look at what came of it.
      const certificate = iot.certificates.get(certificateId)!;
      Object.defineProperty(certificate, 'status', { get: () => status, set: () => undefined });
      const counters = makeCounters('enrol');
      const find = async () => new X509Certificate(certificate.pem).raw;
      const platform = world.as('enrol');
      const devices = new IotDevices({ client: iot.client, data: iot.data, kms: platform.kms, clock: world.clock, operations });
      await takeRegistration({ platform: { ...platform, devices }, pending: { find }, counters, log: platform.log }, certificateId);
      iot.certificates.clear();
      return [...counters.totals().keys()];
    };
    expect(await counted('ACTIVE')).toEqual(['RegistrationAccepted']);
    for (const status of ['REVOKED', 'INACTIVE', 'PENDING_ACTIVATION']) expect(await counted(status)).toEqual(['RegistrationRefused']);
  });

  it('C10.1-2: is never put in force while another thing holds it', async () => {
    const certificateId = await shown();
    await stocked(certificateId);
    iot.certificates.get(certificateId)!.things.add('dc-0043');
    expect(await tell(certificateId)).toEqual(['message-0']);
    expect(iot.certificates.get(certificateId)).toMatchObject({ status: 'PENDING_ACTIVATION', things: new Set(['dc-0043']) });
  });

  it('C10.1-2: waits for ever when it is in no stock, and nothing is made of it', async () => {
    const certificateId = await shown();
    expect(await tell(certificateId)).toEqual([]);
    expect(iot.certificates.get(certificateId)).toMatchObject({ status: 'PENDING_ACTIVATION', things: new Set(), policies: new Set() });
    expect([...iot.things]).toEqual([]);
  });

  it.each(['ACTIVE', 'INACTIVE', 'REVOKED'])('is no longer pending when it is %s', async (status) => {
    const certificateId = await shown();
    expect(await pending.find(certificateId)).toBeDefined();
    iot.certificates.get(certificateId)!.status = status;
    expect(await pending.find(certificateId)).toBeUndefined();
    expect(operations.snapshot().get('iot.registry')?.calls).toBe(2);
  });

  it('is not there when nobody knows it', async () => {
    expect(await pending.find('ab'.repeat(32))).toBeUndefined();
  });
});
