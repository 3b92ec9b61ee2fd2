import type { IoTClient } from '@aws-sdk/client-iot';
import { DeleteConnectionCommand, type IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { JoulekeepError } from '../../../events/errors.ts';
import { policiesOf, QUARANTINE_GROUP, THING_TYPES } from '../../../topology/device-access.ts';
import { issueLeaf, LEAF_YEARS } from '../../doors/leaf-certificates.ts';
import { attachedElsewhere, certificateUnknown, checkThing, fingerprintOf } from '../../doors/thing-check.ts';
import type { Kms } from '../../ports/kms.ts';
import type { Clock, DeviceCertificate, DeviceRegistry, DeviceRole, RegisteredDevice } from '../../ports/platform.ts';
import type { OperationCounts } from '../operations.ts';
import { isNamed, serviceError } from '../service-errors.ts';
import { kmsIssuer } from './kms-issuer.ts';
import { IotRegistry, type RegistryCertificate } from './registry.ts';

export interface DeviceParts {
  readonly client: IoTClient;
  readonly data: IoTDataPlaneClient;
  /** Signs certificates. */
  readonly kms: Kms;
  readonly clock: Clock;
  readonly operations: OperationCounts;
}

/**
 * Things and certificates in the device registry of AWS IoT. A certificate is registered inactive, attached to its one thing with
 * its policies, and only then made active: one whose attaching broke off lets nobody in.
 * @throws ERR_THING_NAME, ERR_THING_ROLE, ERR_CERTIFICATE_ATTACHED, ERR_CERTIFICATE_UNKNOWN as on every platform
 */
export class IotDevices implements DeviceRegistry {
  readonly #parts: DeviceParts;
  readonly #registry: IotRegistry;

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    this.#registry = new IotRegistry(parts.client, parts.operations);
  }

  async find(thing: string): Promise<RegisteredDevice | undefined> {
    const role = await this.#roleOf(thing);
    if (role === undefined) return undefined;
    const [arns, groups] = await Promise.all([this.#registry.principalsOf(thing), this.#registry.groupsOf(thing)]);
    const found = await Promise.all(arns.map((arn) => this.#certificate(arn)));
    const certificates = found.flatMap((certificate) => certificate ?? []);
    return { thing, role, quarantined: groups.includes(QUARANTINE_GROUP.name), certificates };
  }

  /** One call: the registry names certificates by their fingerprint. What is not active, for whatever reason, counts as revoked. */
  async certificateStatus(fingerprint: string): Promise<DeviceCertificate['status'] | undefined> {
    const found = await this.#registry.certificate(fingerprint);
    return found && statusOf(found);
  }

  async register(device: RegisteredDevice): Promise<void> {
    await this.#putThing(device.thing, device.role);
    const member = (await this.#registry.groupsOf(device.thing)).includes(QUARANTINE_GROUP.name);
    if (device.quarantined && !member) await this.setQuarantined(device.thing, true);
    for (const { der, status } of device.certificates) await this.#attach(device.thing, device.role, der, status);
    if (!device.quarantined && member) await this.setQuarantined(device.thing, false);
  }

  async issueCertificate(thing: string, role: DeviceRole, csr: Buffer): Promise<Buffer> {
    checkThing(thing, role, await this.#roleOf(thing));
    const issuer = await kmsIssuer(this.#parts.kms, role);
    const der = await issueLeaf(issuer, thing, csr, this.#parts.clock.now(), LEAF_YEARS[role]);
    await this.#putThing(thing, role);
    await this.#attach(thing, role, der, 'active');
    return der;
  }

  async revoke(fingerprint: string): Promise<void> {
    const certificate = await this.#registry.certificate(fingerprint);
    if (certificate === undefined) throw certificateUnknown(fingerprint);
    if (certificate.status !== 'REVOKED') await this.#registry.setStatus(fingerprint, 'REVOKED');
    for (const thing of await this.#registry.thingsOf(certificate.arn)) await this.#disconnect(thing);
  }

  /** A thing that isn't there is denied everything anyway. @throws ERR_IOT_GROUP_MISSING when nobody would be denied anything */
  async setQuarantined(thing: string, quarantined: boolean): Promise<void> {
    const changed = await this.#registry.setMember(thing, QUARANTINE_GROUP.name, quarantined);
    if (!changed && (await this.#registry.thingType(thing)) !== undefined)
      throw new JoulekeepError('ERR_IOT_GROUP_MISSING', `there is no thing group ${QUARANTINE_GROUP.name}`);
    if (changed && quarantined) await this.#disconnect(thing);
  }

  /** By its thing type. @throws ERR_THING_ROLE for a thing of a type that is none of ours */
  async #roleOf(thing: string): Promise<DeviceRole | undefined> {
    const name = await this.#registry.thingType(thing);
    if (name === undefined) return undefined;
    const type = THING_TYPES.find((candidate) => candidate.name === name);
    if (type === undefined) throw new JoulekeepError('ERR_THING_ROLE', `${thing} is of no thing type of ours`);
    return type.role;
  }

  async #putThing(thing: string, role: DeviceRole): Promise<void> {
    checkThing(thing, role, undefined);
    const type = THING_TYPES.find((candidate) => candidate.role === role);
    if (type === undefined || (await this.#registry.createThing(thing, type.name)) === 'of another type')
      throw new JoulekeepError('ERR_THING_ROLE', `${thing} can't be a ${role}`);
  }

  async #attach(thing: string, role: DeviceRole, der: Buffer, status: DeviceCertificate['status']): Promise<void> {
    const fingerprint = fingerprintOf(der);
    const fresh = await this.#registry.registerInactive(der);
    const known = fresh === undefined ? await this.#registry.certificate(fingerprint) : undefined;
    const arn = fresh ?? known?.arn;
    if (arn === undefined) throw certificateUnknown(fingerprint);
    if (known !== undefined && (await this.#registry.thingsOf(arn)).some((holder) => holder !== thing))
      throw attachedElsewhere(fingerprint);
    // A revoked certificate stays revoked: registering it again brings nothing back.
    if (known?.status === 'REVOKED') return;
    await this.#registry.attach(thing, arn);
    for (const { name } of policiesOf(role, false)) await this.#registry.attachPolicy(name, arn);
    if (status === 'revoked') await this.revoke(fingerprint);
    else if (known?.status !== 'ACTIVE') await this.#registry.setStatus(fingerprint, 'ACTIVE');
  }

  async #certificate(arn: string): Promise<DeviceCertificate | undefined> {
    const fingerprint = /:cert\/([0-9a-f]{64})$/.exec(arn)?.[1];
    const found = fingerprint === undefined ? undefined : await this.#registry.certificate(fingerprint);
    if (fingerprint === undefined || found === undefined) return undefined;
    return { fingerprint, der: found.der, status: statusOf(found) };
  }

  /**
   * Ends the live connection of a thing, whose client id is its name. By itself the service would end those of a revoked
   * certificate within minutes; one that a newer certificate made comes back at once.
   */
  async #disconnect(thing: string): Promise<void> {
    this.#parts.operations.count('iot.registry');
    try {
      await this.#parts.data.send(new DeleteConnectionCommand({ clientId: thing }));
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException')) throw serviceError('IOT', error);
    }
  }
}

function statusOf({ status }: RegistryCertificate): DeviceCertificate['status'] {
  return status === 'ACTIVE' ? 'active' : 'revoked';
}
