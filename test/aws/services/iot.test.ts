import { createPublicKey, X509Certificate } from 'node:crypto';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { certificateFault } from '../../../lambdas/shared/devices/certificates.ts';
import { IotDevices } from '../../../platform/aws/iot/devices.ts';
import { IotDownlink } from '../../../platform/aws/iot/downlink.ts';
import { AwsKms } from '../../../platform/aws/kms.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { fingerprintOf } from '../../../platform/doors/thing-check.ts';
import { QUARANTINE_GROUP } from '../../../topology/device-access.ts';
import { keyAlias } from '../../../topology/names.ts';
import { deviceKey } from '../../support/memory-ca.ts';
import { ManualClock } from '../../support/memory-platform.ts';
import { fault } from './support/fake-client.ts';
import { FakeIot } from './support/fake-iot.ts';
import { FakeKms } from './support/fake-kms.ts';

const YEAR = 365 * 86_400_000;
const THING = 'dc-0042';

let clock: ManualClock;
let kms: FakeKms;
let iot: FakeIot;
let operations: OperationCounts;
let devices: IotDevices;

beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 15));
  kms = new FakeKms(clock);
  for (const id of ['ca-meter', 'ca-concentrator']) {
    const { KeyMetadata } = await kms.client.send(new CreateKeyCommand({ KeyUsage: 'SIGN_VERIFY' }));
    await kms.client.send(new CreateAliasCommand({ AliasName: keyAlias('dev', id), TargetKeyId: KeyMetadata!.KeyId! }));
  }
  iot = new FakeIot();
  operations = new OperationCounts();
  const signer = new AwsKms({ client: kms.client, stage: 'dev', clock, operations });
  devices = new IotDevices({ client: iot.client, data: iot.data, kms: signer, clock, operations });
});

const issue = async (thing = THING) => devices.issueCertificate(thing, 'concentrator', (await deviceKey(thing)).csr);
const entryOf = (der: Buffer) => iot.certificates.get(fingerprintOf(der))!;

describe('the device registry on AWS IoT', () => {
  it('signs a request with the key of the sub-CA in the key service', async () => {
    const device = await deviceKey(THING);
    const der = await devices.issueCertificate(THING, 'concentrator', device.csr);
    const leaf = new X509Certificate(der);
    expect(certificateFault(der, { commonName: THING, at: clock.now() })).toBeUndefined();
    expect(leaf.issuer).toBe('CN=Joulekeep concentrator');
    expect(leaf.publicKey.equals(device.publicKey)).toBe(true);
    expect(leaf.validToDate.getTime()).toBe(clock.now() + 3 * YEAR);
    const signer = new AwsKms({ client: kms.client, stage: 'dev', clock, operations });
    const spki = await signer.getPublicKey('ca-concentrator');
    expect(leaf.verify(createPublicKey({ key: spki, format: 'der', type: 'spki' }))).toBe(true);
    expect(kms.calls.filter((name) => name === 'Sign').length).toBe(1);
  });

  it('attaches it to its thing alone, with the policies of its role, and makes it active last', async () => {
    const der = await issue();
    expect(entryOf(der)).toMatchObject({ status: 'ACTIVE', things: new Set([THING]), policies: new Set(['joulekeep-concentrator']) });
    expect(iot.things.get(THING)).toBe('joulekeep-concentrator');
    expect(iot.calls.slice(-4)).toEqual(['RegisterCertificateWithoutCA', 'AttachThingPrincipal', 'AttachPolicy', 'UpdateCertificate']);
    expect(operations.snapshot().get('iot.registry')).toEqual({ calls: iot.calls.length, units: iot.calls.length });
  });

  it('a meter has no policy: it speaks through a concentrator only', async () => {
    const der = await devices.issueCertificate('m-7', 'meter', (await deviceKey('m-7')).csr);
    expect([entryOf(der).policies.size, iot.things.get('m-7')]).toEqual([0, 'joulekeep-meter']);
    expect(new X509Certificate(der).issuer).toBe('CN=Joulekeep meter');
  });

  it('a request that is not exactly right is refused before anything is written', async () => {
    const { csr } = await deviceKey('dc-other');
    await expect(devices.issueCertificate(THING, 'concentrator', csr)).rejects.toMatchObject({ code: 'ERR_CSR_REFUSED' });
    await expect(devices.issueCertificate('m-7', 'concentrator', csr)).rejects.toMatchObject({ code: 'ERR_THING_ROLE' });
    await expect(devices.issueCertificate('DC 1', 'concentrator', csr)).rejects.toMatchObject({ code: 'ERR_THING_NAME' });
    expect([iot.things.size, iot.certificates.size]).toEqual([0, 0]);
  });

  it('finds a thing with all its certificates and its standing, over all pages', async () => {
    const [first, second] = [await issue(), await issue()];
    await devices.setQuarantined(THING, true);
    await devices.revoke(fingerprintOf(first));
    expect(await devices.find(THING)).toEqual({
      thing: THING,
      role: 'concentrator',
      quarantined: true,
      certificates: [
        { fingerprint: fingerprintOf(first), der: first, status: 'revoked' },
        { fingerprint: fingerprintOf(second), der: second, status: 'active' },
      ],
    });
    expect(await devices.find('dc-9999')).toBeUndefined();
  });

  it('tells what a certificate is worth in one call, also for one that was not attached to the end', async () => {
    const [first, second] = [await issue(), await issue()];
    await devices.revoke(fingerprintOf(first));
    const registryCalls = () => operations.snapshot().get('iot.registry')?.calls ?? 0;
    const asked = async (fingerprint: string) => {
      const before = registryCalls();
      return [await devices.certificateStatus(fingerprint), registryCalls() - before];
    };
    expect(await asked(fingerprintOf(first))).toEqual(['revoked', 1]);
    expect(await asked(fingerprintOf(second))).toEqual(['active', 1]);
    expect(await asked('00'.repeat(32))).toEqual([undefined, 1]);
    entryOf(second).status = 'INACTIVE';
    expect(await asked(fingerprintOf(second))).toEqual(['revoked', 1]);
  });

  it('a revoked certificate stays revoked, and the live connection ends', async () => {
    const der = await issue();
    iot.connected.add(THING);
    await devices.revoke(fingerprintOf(der));
    expect([entryOf(der).status, iot.connected.size, iot.disconnected]).toEqual(['REVOKED', 0, [THING]]);
    await devices.revoke(fingerprintOf(der));
    const again = { fingerprint: fingerprintOf(der), der, status: 'active' } as const;
    await devices.register({ thing: THING, role: 'concentrator', quarantined: false, certificates: [again] });
    expect(entryOf(der).status).toBe('REVOKED');
    await expect(devices.revoke('00'.repeat(32))).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_UNKNOWN' });
  });

  it('registering what is known changes nothing; what another thing holds is refused', async () => {
    const der = await issue();
    const known = (await devices.find(THING))!;
    await devices.register(known);
    expect(await devices.find(THING)).toEqual(known);
    await expect(devices.register({ ...known, thing: 'dc-0043' })).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_ATTACHED' });
    expect(entryOf(der).things).toEqual(new Set([THING]));
  });

  it('a certificate whose attaching broke off lets nobody in, and is finished by the next try', async () => {
    const der = await issue();
    const known = (await devices.find(THING))!;
    iot.certificates.clear();
    const broken = iot.client;
    const failing = {
      send: async (command: { constructor: { name: string } }) => {
        if (command.constructor.name === 'AttachPolicyCommand') throw fault('ThrottlingException', 429);
        return broken.send(command as never);
      },
    } as unknown as typeof broken;
    const signer = new AwsKms({ client: kms.client, stage: 'dev', clock, operations });
    const half = new IotDevices({ client: failing, data: iot.data, kms: signer, clock, operations });
    await expect(half.register(known)).rejects.toMatchObject({ code: 'ERR_IOT_THROTTLED', retryable: true });
    expect(entryOf(der).status).toBe('INACTIVE');
    expect((await devices.find(THING))?.certificates[0]?.status).toBe('revoked');
    await devices.register(known);
    expect(entryOf(der)).toMatchObject({ status: 'ACTIVE', policies: new Set(['joulekeep-concentrator']) });
  });

  it.each(
    [
      'CreateThing',
      'AddThingToThingGroup',
      'RegisterCertificateWithoutCA',
      'AttachThingPrincipal',
      'AttachPolicy',
      'UpdateCertificate',
    ].flatMap((call) => (['throttled', 'answer lost'] as const).map((failure) => ({ call, failure }))),
  )('registering again finishes what broke off when $call was $failure, and a quarantined thing is in force nowhere else', async (step) => {
    const der = await issue();
    iot.certificates.clear();
    iot.things.clear();
    const certificate = { fingerprint: fingerprintOf(der), der, status: 'active' } as const;
    const device = { thing: THING, role: 'concentrator', quarantined: true, certificates: [certificate] } as const;
    const isolated = () => iot.groups.get(QUARANTINE_GROUP.name)?.has(THING);
    iot.failing.set(step.call, step.failure);
    await expect(devices.register(device)).rejects.toMatchObject({ retryable: true });
    expect(isolated() || iot.certificates.get(certificate.fingerprint)?.status !== 'ACTIVE').toBe(true);
    await devices.register(device);
    expect(entryOf(der)).toMatchObject({ status: 'ACTIVE', things: new Set([THING]), policies: new Set(['joulekeep-concentrator']) });
    expect(await devices.find(THING)).toEqual(device);
    expect(isolated()).toBe(true);
  });

  it('quarantine is a group that denies everything; where it is missing nobody believes it', async () => {
    await issue();
    iot.connected.add(THING);
    await devices.setQuarantined(THING, true);
    expect([iot.groups.get(QUARANTINE_GROUP.name), iot.connected.size]).toEqual([new Set([THING]), 0]);
    await devices.setQuarantined(THING, false);
    expect((await devices.find(THING))?.quarantined).toBe(false);
    await devices.setQuarantined('dc-9999', true);
    iot.groups.clear();
    await expect(devices.setQuarantined(THING, true)).rejects.toMatchObject({ code: 'ERR_IOT_GROUP_MISSING' });
  });

  it('a device of another role, or a thing of nobody’s type, is refused', async () => {
    iot.things.set(THING, 'somebody-elses');
    await expect(issue()).rejects.toMatchObject({ code: 'ERR_THING_ROLE' });
    await expect(devices.find(THING)).rejects.toMatchObject({ code: 'ERR_THING_ROLE' });
    const person = { thing: 'p-1', role: 'operator', quarantined: false, certificates: [] } as const;
    await expect(devices.register(person)).rejects.toMatchObject({ code: 'ERR_THING_ROLE' });
  });
});

describe('the downlink on AWS IoT', () => {
  const client = new IoTDataPlaneClient({ region: 'eu-central-1' });
  const mock = mockClient(client);

  it('publishes with QoS 1, billed by 5 KB begun, and nothing over 128 KiB', async () => {
    mock.reset();
    mock.on(PublishCommand).resolves({});
    const downlink = new IotDownlink({ client, operations });
    await downlink.publish('v1/dc/dc-1/down', Buffer.alloc(5 * 1024 + 1));
    await downlink.publish('v1/dc/dc-1/down', Buffer.alloc(0));
    const { input } = mock.commandCalls(PublishCommand)[0]!.args[0];
    expect(input).toEqual({ topic: 'v1/dc/dc-1/down', payload: Buffer.alloc(5 * 1024 + 1), qos: 1 });
    expect(operations.snapshot().get('iot.message')).toEqual({ calls: 2, units: 3 });
    await expect(downlink.publish('t', Buffer.alloc(131_073))).rejects.toMatchObject({ code: 'ERR_PAYLOAD_TOO_LARGE' });
    mock.on(PublishCommand).rejects(fault('InternalFailureException', 500));
    await expect(downlink.publish('t', Buffer.alloc(1))).rejects.toMatchObject({ code: 'ERR_IOT_UNAVAILABLE', retryable: true });
  });
});
