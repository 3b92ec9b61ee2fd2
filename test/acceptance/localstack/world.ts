import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { commission } from '../../../bin/service/service.ts';
import { TownClock } from '../../../bin/town/clock.ts';
import type { Stock } from '../../../devices/fleet/protocol.ts';
import { makeBilling } from '../../../lambdas/billing/handler.ts';
import { makeBillingFeed } from '../../../lambdas/billing-feed/handler.ts';
import { makeCloseDay } from '../../../lambdas/close-day/handler.ts';
import { consentGates } from '../../../lambdas/deliver/consent-gate.ts';
import { makeDeliver } from '../../../lambdas/deliver/handler.ts';
import { makeIngest } from '../../../lambdas/ingest/handler.ts';
import { makeKeys } from '../../../lambdas/keys/handler.ts';
import { makeLogCollect } from '../../../lambdas/log/handler.ts';
import { makeKeyDuties } from '../../../lambdas/maintenance/key-duties.ts';
import { makeProject } from '../../../lambdas/project/handler.ts';
import { makeRelay } from '../../../lambdas/relay/handler.ts';
import { localDayAt } from '../../../lambdas/shared/days/local-days.ts';
import { makeThirdPartyFeed } from '../../../lambdas/third-party-feed/handler.ts';
import { awsClients } from '../../../platform/aws/clients.ts';
import { AwsKeyClockwork } from '../../../platform/aws/key-clockwork.ts';
import { offlineRoot } from '../../../platform/aws/offline-root.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { platformOn } from '../../../platform/aws/platform.ts';
import { CertificateAuthority } from '../../../platform/embedded/gateway/ca.ts';
import { EmbeddedDevices } from '../../../platform/embedded/gateway/devices.ts';
import { lambdaContext, scheduledEvent } from '../../../platform/embedded/host/lambda-context.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { ALL_DEFENCES } from '../../../topology/defences.ts';
import { ruleMessage, ruleOfTopic } from '../../../topology/device-access.ts';
import { resourceName } from '../../../topology/names.ts';
import type { Principal } from '../../../topology/principals.ts';
import { QUEUES } from '../../../topology/queues.ts';
import { queuesOf } from '../../../topology/subscriptions.ts';
import { ChangeStream } from '../../aws/dynamo/change-stream.ts';
import { laneClient } from '../../aws/services/support/endpoint.ts';
import { SqsConsumer } from '../../aws/services/support/sqs-consumer.ts';
import type { Downlink, Target, Uplink, World } from '../suite/target.ts';
import { KnownAgreement } from './known-agreement.ts';
import { LambdaHost } from './lambda-host.ts';

const STAGE = 'dev';
const BUCKET = `${resourceName(STAGE, 'objects')}-000000000000-eu-central-1`;
const ANY_TIMEOUT_MS = 900_000;

export const LOCALSTACK: Target = {
  name: 'LocalStack',
  lacks: {
    'enforces-keys': 'LocalStack without a licence evaluates no policy',
    'guards-gateway': 'LocalStack without a licence has no IoT, messages go into the queue as the rule would put them there',
  },
  open: () => LocalStackWorld.open(),
};

/**
 * The stateful stacks as they were deployed, with the handlers in this process on the adapters of AWS. What IoT has, the registry of
 * devices and their lines, is the embedded gateway's.
 */
class LocalStackWorld implements World {
  readonly start: number;
  readonly clock: TownClock;
  readonly #directory = mkdtempSync(join(tmpdir(), 'joulekeep-localstack-'));
  readonly #platforms = new Map<string, Platform>();
  readonly #operations = new OperationCounts();
  readonly #clients = awsClients(laneClient().endpoint);
  readonly #queues = new SqsConsumer(new SQSClient(laneClient()), STAGE, QUEUES);
  readonly #underway = new Set<string>();
  readonly #heard: Downlink[] = [];
  #ca!: CertificateAuthority;
  #devices!: EmbeddedDevices;
  #agreement!: KnownAgreement;
  #host!: LambdaHost;

  private constructor(start: number) {
    this.start = start;
    this.clock = new TownClock(start);
  }

  /** The day begins when today ends: keys were made by LocalStack's clock, and must not be younger than their use. */
  static async open(): Promise<LocalStackWorld> {
    const world = new LocalStackWorld(localDayAt(Date.now() / 1000, 'Europe/London').end * 1000);
    await world.#install();
    return world;
  }

  commission(stock: Stock) {
    const broker = { url: '' };
    return commission({ as: (principal) => this.platform(principal), ca: this.#ca, broker }, stock);
  }

  async connect(): Promise<void> {}

  async deliver({ topic, payload }: Uplink): Promise<void> {
    const { rule, thing } = ruleOfTopic(topic)!;
    await this.#queues.send(rule.queue, ruleMessage(rule, thing, this.clock.now(), payload));
  }

  settle(): Promise<void> {
    return this.#host.drain();
  }

  async closeDays(): Promise<void> {
    await this.#scheduled('close-day', makeCloseDay(this.platform('close-day'), ALL_DEFENCES));
    await this.settle();
  }

  async heard(): Promise<readonly Downlink[]> {
    return this.#heard.splice(0);
  }

  platform(principal: Principal): Platform {
    const known = this.#platforms.get(principal) ?? this.#platformOf(principal);
    this.#platforms.set(principal, known);
    return known;
  }

  put(queue: string, body: string): Promise<void> {
    return this.#queues.send(queue, body);
  }

  async setAside(deadLetter: string): Promise<readonly string[]> {
    const messages = await this.#queues.receive(deadLetter, 10);
    for (const { receipt } of messages) await this.#queues.changeVisibility(receipt, 0);
    return messages.map(({ body }) => body);
  }

  async close(): Promise<void> {
    this.#devices.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #install(): Promise<void> {
    const { clock } = this;
    this.#ca = await CertificateAuthority.open(join(this.#directory, 'ca'), clock);
    this.#devices = new EmbeddedDevices(join(this.#directory, 'devices.db'), this.#ca);
    this.#agreement = await KnownAgreement.install(new KMSClient(laneClient()), STAGE);
    await this.#issueManifest();
    const keys = makeKeys(this.platform('keys'), ALL_DEFENCES);
    const deliver = makeDeliver(this.platform('deliver'), ALL_DEFENCES, consentGates(this.platform('deliver'), ALL_DEFENCES));
    this.#host = new LambdaHost({
      queues: this.#queues,
      changes: new ChangeStream(new DynamoDBStreamsClient(laneClient()), resourceName(STAGE, 'events')),
      underway: this.#underway,
      queueHandlers: {
        telemetry: makeIngest(this.platform('ingest'), ALL_DEFENCES),
        handshake: keys,
        service: keys,
        billing: makeBilling(this.platform('billing')),
        'billing-feed': makeBillingFeed(this.platform('billing-api'), ALL_DEFENCES),
        'third-party-feed': makeThirdPartyFeed(this.platform('third-party-feed'), ALL_DEFENCES),
        ...{ operator: deliver, 'billing-system': deliver, 'third-party': deliver, customer: deliver },
      },
      feedHandlers: {
        project: makeProject(this.platform('project'), ALL_DEFENCES),
        relay: makeRelay(this.platform('relay'), ALL_DEFENCES),
        'log-collect': makeLogCollect(this.platform('log'), ALL_DEFENCES),
      },
    });
  }

  /** As docs/keys-on-aws.md has it: the root is offline, so the duty is run, what it laid out signed, and the duty run again. */
  async #issueManifest(): Promise<void> {
    const operator = this.platform('operator-cli');
    const { objects } = operator;
    const { publicKey, sign } = this.#ca.manifestRoot;
    await objects.put('keyring/root', publicKey.export({ format: 'der', type: 'spki' }));
    const kms = { client: this.#clients.kms, stage: STAGE, clock: this.clock, operations: this.#operations };
    const duties = makeKeyDuties(operator, new AwsKeyClockwork(kms), offlineRoot(objects));
    await this.#scheduled('key-duties', duties);
    for (const laidOut of await objects.list('keyring/to-sign/')) {
      const bytes = (await objects.get(laidOut))!;
      await objects.put(`keyring/signed/${createHash('sha256').update(bytes).digest('hex')}`, await sign(bytes));
    }
    await this.#scheduled('key-duties', duties);
  }

  async #scheduled(
    name: string,
    handler: (event: ReturnType<typeof scheduledEvent>, context: ReturnType<typeof lambdaContext>) => Promise<unknown>,
  ) {
    await handler(scheduledEvent(name, this.clock.now()), lambdaContext(name, ANY_TIMEOUT_MS));
  }

  #platformOf(principal: Principal): Platform {
    const parts = { clients: this.#clients, operations: this.#operations };
    const aws = platformOn({ stage: STAGE, principal, bucket: BUCKET, service: principal }, parts, this.clock);
    return {
      ...aws,
      kms: this.#agreement.correct(aws.kms),
      devices: this.#devices,
      downlink: { publish: async (topic, payload) => void this.#heard.push({ topic, payload: Buffer.from(payload) }) },
      bus: {
        publish: async (events) => {
          for (const { id, type } of events) if (queuesOf(type).length > 0) this.#underway.add(id);
          await aws.bus.publish(events);
        },
      },
    };
  }
}
