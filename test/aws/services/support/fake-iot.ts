import { createHash, X509Certificate } from 'node:crypto';
import type { IoTClient } from '@aws-sdk/client-iot';
import type { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { QUARANTINE_GROUP } from '../../../../topology/device-access.ts';
import { type Answers, fakeClient, fault } from './fake-client.ts';

interface OfThing {
  readonly thingName: string;
}
interface OfCertificate {
  readonly certificateId: string;
}
interface FakeCertificate {
  readonly pem: string;
  status: string;
  readonly things: Set<string>;
  readonly policies: Set<string>;
}

/** The device registry of AWS IoT as its clients see it; lists have one entry to a page. */
export class FakeIot {
  readonly calls: string[] = [];
  readonly things = new Map<string, string>();
  readonly certificates = new Map<string, FakeCertificate>();
  readonly groups = new Map<string, Set<string>>([[QUARANTINE_GROUP.name, new Set()]]);
  /** Client ids that were disconnected. */
  readonly disconnected: string[] = [];
  /** Client ids with a live connection. */
  readonly connected = new Set<string>();
  /** What was sent to devices. */
  readonly published: { readonly topic: string; readonly payload: Buffer }[] = [];

  /** Calls that fail once: before anything is done, or with their answer lost on the way. */
  readonly failing = new Map<string, 'throttled' | 'answer lost'>();

  get client(): IoTClient {
    const answers: Answers = { ...this.#things(), ...this.#certificates() };
    const failingOnce = Object.entries(answers).map(([name, answer]) => [name, this.#failingOnce(name, answer)] as const);
    return fakeClient<IoTClient>(Object.fromEntries(failingOnce), this.calls);
  }

  #failingOnce(name: string, answer: (input: never) => unknown): (input: never) => unknown {
    return (input) => {
      const failure = this.failing.get(name);
      this.failing.delete(name);
      if (failure === 'throttled') throw fault('ThrottlingException', 429);
      const answered = answer(input);
      if (failure === 'answer lost') throw fault('InternalFailureException', 500);
      return answered;
    };
  }

  get data(): IoTDataPlaneClient {
    const DeleteConnection = ({ clientId }: { clientId: string }) => {
      this.disconnected.push(clientId);
      if (!this.connected.delete(clientId)) throw fault('ResourceNotFoundException', 404);
    };
    const Publish = (message: { topic: string; payload: Buffer }) => void this.published.push(message);
    return fakeClient<IoTDataPlaneClient>({ DeleteConnection, Publish }, this.calls);
  }

  #things() {
    const group = ({ thingName, thingGroupName }: OfThing & { thingGroupName: string }) => {
      const members = this.groups.get(thingGroupName);
      if (members === undefined || !this.things.has(thingName)) throw fault('ResourceNotFoundException', 404);
      return members;
    };
    return {
      DescribeThing: ({ thingName }: OfThing) => {
        const thingTypeName = this.things.get(thingName);
        if (thingTypeName === undefined) throw fault('ResourceNotFoundException', 404);
        return { thingName, ...(thingTypeName === '' ? {} : { thingTypeName }) };
      },
      CreateThing: ({ thingName, thingTypeName }: OfThing & { thingTypeName: string }) => {
        if ((this.things.get(thingName) ?? thingTypeName) !== thingTypeName) throw fault('ResourceAlreadyExistsException', 409);
        this.things.set(thingName, thingTypeName);
        return {};
      },
      AddThingToThingGroup: (input: OfThing & { thingGroupName: string }) => ({ added: group(input).add(input.thingName).size }),
      RemoveThingFromThingGroup: (input: OfThing & { thingGroupName: string }) => ({ removed: group(input).delete(input.thingName) }),
      ListThingGroupsForThing: ({ thingName, nextToken }: OfThing & { nextToken?: string }) => {
        const found = [...this.groups].filter(([, members]) => members.has(thingName)).map(([groupName]) => ({ groupName }));
        return paged('thingGroups', found, nextToken);
      },
      ListThingPrincipals: ({ thingName, nextToken }: OfThing & { nextToken?: string }) => {
        const found = [...this.certificates].filter(([, { things }]) => things.has(thingName)).map(([id]) => arnOf(id));
        return paged('principals', found, nextToken);
      },
    };
  }

  #certificates() {
    return {
      RegisterCertificateWithoutCA: ({ certificatePem, status }: { certificatePem: string; status: string }) => {
        const id = createHash('sha256').update(new X509Certificate(certificatePem).raw).digest('hex');
        if (this.certificates.has(id)) throw fault('ResourceAlreadyExistsException', 409);
        this.certificates.set(id, { pem: certificatePem, status, things: new Set(), policies: new Set() });
        return { certificateArn: arnOf(id), certificateId: id };
      },
      DescribeCertificate: ({ certificateId }: OfCertificate) => {
        const { pem, status } = this.#certificate(certificateId);
        return { certificateDescription: { certificateArn: arnOf(certificateId), certificatePem: pem, status } };
      },
      UpdateCertificate: ({ certificateId, newStatus }: OfCertificate & { newStatus: string }) => {
        this.#certificate(certificateId).status = newStatus;
      },
      AttachThingPrincipal: (input: OfThing & { principal: string; thingPrincipalType: string }) => {
        const { things } = this.#certificate(idOf(input.principal));
        if (input.thingPrincipalType !== 'EXCLUSIVE_THING' || [...things].some((thing) => thing !== input.thingName))
          throw fault('InvalidRequestException');
        things.add(input.thingName);
        return {};
      },
      AttachPolicy: ({ policyName, target }: { policyName: string; target: string }) =>
        void this.#certificate(idOf(target)).policies.add(policyName),
      ListPrincipalThings: ({ principal, nextToken }: { principal: string; nextToken?: string }) =>
        paged('things', [...this.#certificate(idOf(principal)).things], nextToken),
    };
  }

  #certificate(id: string): FakeCertificate {
    const found = this.certificates.get(id);
    if (found === undefined) throw fault('ResourceNotFoundException', 404);
    return found;
  }
}

function arnOf(id: string): string {
  return `arn:aws:iot:eu-central-1:123456789012:cert/${id}`;
}

function idOf(arn: string): string {
  return arn.split('/')[1]!;
}

function paged(name: string, found: readonly unknown[], token = '0'): Record<string, unknown> {
  const at = Number(token);
  return { [name]: found.slice(at, at + 1), ...(at + 1 < found.length ? { nextToken: String(at + 1) } : {}) };
}
