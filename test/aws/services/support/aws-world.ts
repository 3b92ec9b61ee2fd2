import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms';
import type { Row } from '../../../../platform/aws/dynamo/row.ts';
import { OperationCounts } from '../../../../platform/aws/operations.ts';
import { platformOn } from '../../../../platform/aws/platform.ts';
import { hasGenerations } from '../../../../platform/kms/key-generations.ts';
import type { Log, Platform } from '../../../../platform/ports/platform.ts';
import { CA_KEYS, type KeyUsage, KMS_KEYS } from '../../../../topology/keys.ts';
import { keyAlias, resourceName } from '../../../../topology/names.ts';
import type { Principal } from '../../../../topology/principals.ts';
import { ManualClock } from '../../../support/memory-platform.ts';
import { fakeClient } from './fake-client.ts';
import { FakeDynamo } from './fake-dynamo.ts';
import { FakeIot } from './fake-iot.ts';
import { FakeKms } from './fake-kms.ts';
import { fakeS3 } from './fake-s3.ts';

const STAGE = 'dev';
/** As the service lists them. */
const KEYS_TO_A_PAGE = 1_000;

const KIND = {
  'encrypt-decrypt': 'ENCRYPT_DECRYPT',
  'key-agreement': 'KEY_AGREEMENT',
  'sign-verify': 'SIGN_VERIFY',
  mac: 'GENERATE_VERIFY_MAC',
} as const satisfies Record<KeyUsage, string>;

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The adapters of AWS as a function has them, on services in this process that answer as the real ones do and bill by the same units. */
export class AwsWorld {
  readonly clock: ManualClock;
  readonly dynamo = new FakeDynamo();
  readonly iot = new FakeIot();
  readonly kms: FakeKms;
  /** Bodies in the bucket. */
  readonly objects = new Map<string, Buffer>();
  readonly #s3 = fakeS3([], this.objects, KEYS_TO_A_PAGE);

  private constructor(at: number) {
    this.clock = new ManualClock(at);
    this.kms = new FakeKms(this.clock);
  }

  /** @param at UTC ms */
  static async at(at: number): Promise<AwsWorld> {
    const world = new AwsWorld(at);
    for (const spec of [...KMS_KEYS, ...CA_KEYS]) {
      const { KeyMetadata } = await world.kms.client.send(new CreateKeyCommand({ KeyUsage: KIND[spec.usage] }));
      const names = hasGenerations(spec) ? [keyAlias(STAGE, spec.id), keyAlias(STAGE, spec.id, 1)] : [keyAlias(STAGE, spec.id)];
      for (const AliasName of names) await world.kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata!.KeyId! }));
    }
    return world;
  }

  /** The world of one environment of a function, with nothing in its memory. */
  as(principal: Principal, operations = new OperationCounts()): Platform {
    const clients = {
      dynamo: this.dynamo.client,
      kms: this.kms.client,
      s3: this.#s3,
      sqs: fakeClient<never>({}),
      bus: fakeClient<never>({}),
      iot: this.iot.client,
      iotData: this.iot.data,
    };
    const environment = { stage: STAGE, principal, bucket: 'objects', service: principal } as const;
    return { ...platformOn(environment, { clients, operations }, this.clock), log: SILENT };
  }

  /** Items of a table whose partition begins so. */
  rows(table: 'events' | 'models', prefix = ''): readonly Row[] {
    return this.dynamo.rows(resourceName(STAGE, table)).filter(({ pk }) => pk?.S?.startsWith(prefix));
  }

  /** Bytes in the bucket. */
  objectBytes(): number {
    return [...this.objects.values()].reduce((sum, body) => sum + body.length, 0);
  }
}
