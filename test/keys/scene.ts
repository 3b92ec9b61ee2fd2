import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { SQSBatchResponse } from 'aws-lambda';
import { meter as decider } from '../../domain/enrolment/meter.ts';
import type { AssetRecord, DomainEvent } from '../../events/index.ts';
import { enrolMeters } from '../../lambdas/enrol/enrol-meters.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import { makeKeys } from '../../lambdas/keys/handler.ts';
import { firstGenerations, issueManifest, type Keyring } from '../../lambdas/shared/keys/manifest.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { readParcel } from '../../protocol/batch.ts';
import { type Signer, signerOf } from '../../protocol/cose.ts';
import {
  ecdh,
  encodeHello,
  encodeRenewal,
  ephemeralPair,
  type Hello,
  parseAccept,
  type SignedMessage,
  SUITE,
  spkiToPoint,
} from '../../protocol/handshake.ts';
import { agreeEpochSecret } from '../../protocol/keys.ts';
import type { Defences } from '../../topology/defences.ts';
import { concentratorThing, downTopic, meterThing } from '../../topology/device-access.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { lambdaContext, sqsEvent } from '../support/sqs.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const ASSET: AssetRecord = {
  intervalMinutes: 15,
  channels: [{ obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 1, dials: 8, multiplier: 1, validFrom: 0 }],
  fuseW: 14_490,
  zone: 'Europe/Berlin',
  areaLeaf: 'north',
};

/** What a meter said, with what only it knows. */
export interface Said {
  readonly hello: SignedMessage<Hello>;
  readonly ephemeral: KeyObject;
}

/** The meter's side of the handshake, bare: it says what the test tells it to. */
export class TestMeter {
  readonly meterId: string;
  privateKey: KeyObject;
  readonly agreement: () => { keyId: string; spki: Buffer };

  constructor(meterId: string, privateKey: KeyObject, agreement: () => { keyId: string; spki: Buffer }) {
    this.meterId = meterId;
    this.privateKey = privateKey;
    this.agreement = agreement;
  }

  async hello(epoch: number, over: Partial<Hello> = {}, sign: Signer = signerOf(this.privateKey)): Promise<Said> {
    const { privateKey: ephemeral, point } = ephemeralPair();
    const agreementKeyId = this.agreement().keyId;
    const plain = { meterId: this.meterId, epoch, suite: SUITE.p256, ephemeral: point, nonce: randomBytes(16), agreementKeyId };
    return { hello: await encodeHello({ ...plain, ...over }, sign), ephemeral };
  }

  /** The epoch secret as the meter derives it. */
  secret({ hello, ephemeral }: Said, accept: Buffer): Buffer {
    const { message, tbs } = parseAccept(accept);
    return agreeEpochSecret(hello.tbs, tbs, ecdh(ephemeral, spkiToPoint(this.agreement().spki)), ecdh(ephemeral, message.ephemeral));
  }

  async renewal(): Promise<{ bytes: Buffer; privateKey: KeyObject; publicKey: KeyObject }> {
    const { privateKey, publicKey, csr } = await deviceKey(meterThing(this.meterId));
    return { bytes: (await encodeRenewal({ meterId: this.meterId, csr }, signerOf(this.privateKey))).bytes, privateKey, publicKey };
  }
}

/** A small service with the keys function, two concentrators and some meters, all in memory. */
export class Scene {
  readonly world: MemoryWorld;
  readonly defences: Defences;
  readonly root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  keyring!: Keyring;
  readonly meters: TestMeter[] = [];
  #handler!: ReturnType<typeof makeKeys>;

  constructor(defences: Defences) {
    this.defences = defences;
    this.world = new MemoryWorld({ keyPolicies: defences.keyPolicies });
  }

  get now(): number {
    return this.world.clock.now();
  }

  /** A new worker: nothing in its memory. */
  restart(): void {
    this.#handler = makeKeys(this.world.as('keys'), this.defences);
  }

  /** Delivers messages as one invocation. */
  async deliver(queue: string, bodies: readonly string[]): Promise<SQSBatchResponse> {
    return (await this.#handler(sqsEvent(queue, bodies), lambdaContext('keys'))) as SQSBatchResponse;
  }

  /** Meters' messages over a concentrator, in one invocation, as the gateway's rule writes them. */
  handshake(dcId: string, ...messages: Buffer[]): Promise<SQSBatchResponse> {
    return this.deliver(
      'handshake',
      messages.map((message) => this.body(dcId, message)),
    );
  }

  body(dcId: string, message: Buffer, brokerTime = this.now): string {
    return JSON.stringify({ dcId, brokerTime, message: message.toString('base64') });
  }

  /** What came down over a concentrator since the last look. */
  down(dcId: string): { meterId: string; bytes: Buffer }[] {
    return this.world.received(downTopic(concentratorThing(dcId))).flatMap((parcel) => readParcel(parcel));
  }

  /** Everything that was sent to anybody since the last look. */
  allDown(): { meterId: string; bytes: Buffer }[] {
    return this.world.published.splice(0).flatMap(({ payload }) => readParcel(payload));
  }

  meterEvents(meter: TestMeter): DomainEvent[] {
    return this.world.events.eventsOf(`meter/${meter.meterId}`);
  }

  relayEvents(dcId: string): DomainEvent[] {
    return this.world.events.eventsOf(`relay/${dcId}`);
  }

  reasons(meter: TestMeter): string[] {
    return this.meterEvents(meter).flatMap((event) => (event.type === 'EpochRefused' ? [event.data.reason] : []));
  }

  types(meter: TestMeter): string[] {
    return this.meterEvents(meter).map((event) => event.type);
  }

  /** KMS calls that cost money and a private key: agreements and signatures. */
  kmsCalls(): number {
    return this.world.kms.count('deriveSharedSecret') + this.world.kms.count('sign');
  }
}

export const RELAYS = ['north-1', 'north-2'] as const;

/** @param meters how many, all at `north-1` */
export async function makeScene(options: { meters?: number; defences?: Defences } = {}): Promise<Scene> {
  const scene = new Scene(options.defences ?? defencesUnderTest());
  const { world } = scene;
  scene.keyring = await issueManifest(world.as('keys'), firstGenerations(scene.now), 1, signerOf(scene.root.privateKey));
  for (const dcId of RELAYS) {
    const { csr } = await deviceKey(concentratorThing(dcId));
    await enrolRelay(world.as('enrol'), dcId, await world.devices.issueCertificate(concentratorThing(dcId), 'concentrator', csr));
  }
  const stock = await Promise.all(
    Array.from({ length: options.meters ?? 1 }, async (_, i) => {
      const meterId = (0x00124b0000000001n + BigInt(i)).toString(16).padStart(16, '0');
      const { privateKey, csr } = await deviceKey(meterThing(meterId));
      const newest = () => scene.keyring.keys.filter(({ use }) => use === 'agreement').at(-1)!;
      scene.meters.push(new TestMeter(meterId, privateKey, newest));
      const certificate = await world.devices.issueCertificate(meterThing(meterId), 'meter', csr);
      return { meterId, certificate, asset: ASSET, relays: ['north-1'] };
    }),
  );
  await enrolMeters(world.as('enrol'), stock);
  scene.meters.sort((a, b) => (a.meterId < b.meterId ? -1 : 1));
  world.kms.calls.length = 0;
  scene.restart();
  return scene;
}

/** One meter that has an active epoch. @returns its secret as the meter knows it */
export async function withEpoch(scene: Scene, meter: TestMeter, epoch = 1): Promise<Buffer> {
  const said = await meter.hello(epoch);
  await scene.handshake('north-1', said.hello.bytes);
  const secret = meter.secret(said, scene.down('north-1')[0]!.bytes);
  const activate = { type: 'ActivateEpoch' as const, epoch, at: scene.now };
  await runDecider(scene.world.as('ingest').events, `meter/${meter.meterId}`, decider, activate);
  return secret;
}
