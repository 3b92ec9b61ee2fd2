import { X509Certificate } from 'node:crypto';
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  type CertificateStatus,
  CreateThingCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  type IoTClient,
  ListPrincipalThingsCommand,
  ListThingGroupsForThingCommand,
  ListThingPrincipalsCommand,
  RegisterCertificateWithoutCACommand,
  RemoveThingFromThingGroupCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import type { OperationCounts } from '../operations.ts';
import { isNamed, serviceError } from '../service-errors.ts';

export interface RegistryCertificate {
  readonly arn: string;
  readonly der: Buffer;
  readonly status: CertificateStatus;
}

/** Single calls of the device registry: absent things are undefined, pages are read to the end, everything is counted. */
export class IotRegistry {
  readonly #client: IoTClient;
  readonly #operations: OperationCounts;

  constructor(client: IoTClient, operations: OperationCounts) {
    this.#client = client;
    this.#operations = operations;
  }

  /** @returns its thing type, empty where it has none; undefined when there is no such thing */
  async thingType(thing: string): Promise<string | undefined> {
    const found = await this.#maybe(() => this.#client.send(new DescribeThingCommand({ thingName: thing })));
    return found === undefined ? undefined : (found.thingTypeName ?? '');
  }

  /** Again for the same: nothing new. @returns whether there is one of this name of another type */
  async createThing(thing: string, thingTypeName: string): Promise<'made' | 'of another type'> {
    try {
      await this.#counted(() => this.#client.send(new CreateThingCommand({ thingName: thing, thingTypeName })));
      return 'made';
    } catch (error) {
      if (isNamed(error, 'ResourceAlreadyExistsException')) return 'of another type';
      throw serviceError('IOT', error);
    }
  }

  /** ARNs of certificates attached to a thing. */
  principalsOf(thing: string): Promise<string[]> {
    return this.#pages(async (nextToken) => {
      const page = await this.#maybe(() => this.#client.send(new ListThingPrincipalsCommand({ thingName: thing, ...nextToken })));
      return [page?.principals, page?.nextToken];
    });
  }

  /** Things that a certificate is attached to. */
  thingsOf(arn: string): Promise<string[]> {
    return this.#pages(async (nextToken) => {
      const page = await this.#maybe(() => this.#client.send(new ListPrincipalThingsCommand({ principal: arn, ...nextToken })));
      return [page?.things, page?.nextToken];
    });
  }

  groupsOf(thing: string): Promise<string[]> {
    return this.#pages(async (nextToken) => {
      const page = await this.#maybe(() => this.#client.send(new ListThingGroupsForThingCommand({ thingName: thing, ...nextToken })));
      return [page?.thingGroups?.map(({ groupName }) => groupName!), page?.nextToken];
    });
  }

  /** @param id SHA-256 of the DER, hex: that is how the registry names certificates */
  async certificate(id: string): Promise<RegistryCertificate | undefined> {
    const found = await this.#maybe(() => this.#client.send(new DescribeCertificateCommand({ certificateId: id })));
    const described = found?.certificateDescription;
    if (described === undefined) return undefined;
    const { certificateArn, certificatePem, status } = described;
    return { arn: certificateArn!, der: new X509Certificate(certificatePem!).raw, status: status! };
  }

  /**
   * Registers a certificate that cannot be used yet. Without naming the CA: what the certificate may do hangs on the thing it is
   * attached to, and no sub-CA has to be registered for one. @returns ARN; undefined when it is registered already
   */
  async registerInactive(der: Buffer): Promise<string | undefined> {
    const certificatePem = new X509Certificate(der).toString();
    try {
      const answer = await this.#counted(() =>
        this.#client.send(new RegisterCertificateWithoutCACommand({ certificatePem, status: 'INACTIVE' })),
      );
      return answer.certificateArn!;
    } catch (error) {
      if (isNamed(error, 'ResourceAlreadyExistsException')) return undefined;
      throw serviceError('IOT', error);
    }
  }

  /** To this thing and, from now on, to no other. */
  async attach(thing: string, arn: string): Promise<void> {
    await this.#do(() =>
      this.#client.send(new AttachThingPrincipalCommand({ thingName: thing, principal: arn, thingPrincipalType: 'EXCLUSIVE_THING' })),
    );
  }

  async attachPolicy(policyName: string, arn: string): Promise<void> {
    await this.#do(() => this.#client.send(new AttachPolicyCommand({ policyName, target: arn })));
  }

  async setStatus(id: string, newStatus: 'ACTIVE' | 'REVOKED'): Promise<void> {
    await this.#do(() => this.#client.send(new UpdateCertificateCommand({ certificateId: id, newStatus })));
  }

  /** @returns false when the thing or the group is not there */
  async setMember(thing: string, group: string, member: boolean): Promise<boolean> {
    const names = { thingName: thing, thingGroupName: group };
    const answer = await this.#maybe<unknown>(() =>
      member ? this.#client.send(new AddThingToThingGroupCommand(names)) : this.#client.send(new RemoveThingFromThingGroupCommand(names)),
    );
    return answer !== undefined;
  }

  async #pages(
    page: (nextToken: { nextToken?: string }) => Promise<readonly [string[] | undefined, string | undefined]>,
  ): Promise<string[]> {
    const all: string[] = [];
    let next: string | undefined;
    do {
      const [found = [], token] = await page(next === undefined ? {} : { nextToken: next });
      all.push(...found);
      next = token;
    } while (next !== undefined);
    return all;
  }

  /** Undefined for what is not there. */
  async #maybe<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await this.#counted(call);
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw serviceError('IOT', error);
    }
  }

  async #do<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#counted(call);
    } catch (error) {
      throw serviceError('IOT', error);
    }
  }

  #counted<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    this.#operations.count('iot.registry');
    return call();
  }
}
