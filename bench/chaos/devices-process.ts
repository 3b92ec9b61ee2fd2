import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type MqttLink, mqttLink } from '../../devices/concentrator/mqtt-link.ts';
import { encodeBatch } from '../../protocol/batch.ts';
import { signerOf } from '../../protocol/cose.ts';
import { type GenerationKeys, KID_OFFSET, sealFrame } from '../../protocol/frame.ts';
import { encodeHello, ephemeralPair, SUITE } from '../../protocol/handshake.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { concentratorThing, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import { answering } from '../ipc.ts';
import { HOUR } from '../sealed-load.ts';
import {
  type ChaosClock,
  type ChaosConcentrator,
  type DevicesAnswer,
  type DevicesRequest,
  type Flood,
  now,
  type SentBatch,
} from './protocol.ts';

/** Frames of one honest batch, and of one of a flood. */
const HONEST_BATCH = 25;
const FLOOD_BATCH = 50;
/** Publishes of a flooding concentrator that wait for their PUBACK: as many as the gateway lets wait. */
const IN_FLIGHT = 100;
const AGAIN_MS = 200;

/** A meter that measures an hour whenever it is asked. */
class Meter {
  readonly meterId: string;
  readonly #keys: GenerationKeys;
  readonly #start: number;
  #counter = 0;
  #register = 0;
  #hour = 0;

  constructor(meterId: string, secret: Uint8Array, start: number) {
    this.meterId = meterId;
    this.#keys = generationOf(epochKeys(Buffer.from(secret)).chain0, 0);
    this.#start = start;
  }

  /** @param goesOn whether it is another hour than the last one */
  frame(goesOn = true): { bytes: Buffer; energyWh: number } {
    if (goesOn || this.#hour === 0) this.#hour++;
    const deltas = [100 + (this.#hour % 50), 120, 90, 110];
    const energyWh = deltas.reduce((sum, delta) => sum + delta, 0);
    this.#register += energyWh;
    const end = (this.#start + this.#hour * HOUR) / 1000;
    const plain = {
      kind: 'reading',
      channel: 0,
      end,
      minutes: 15,
      register: this.#register,
      head: Buffer.alloc(8),
      deltas,
      flags: 0,
    } as const;
    const header = { meterId: this.meterId, epoch: 1, generation: 0, salt: 7, counter: ++this.#counter };
    return { bytes: sealFrame(header, this.#keys, encodePlaintext(plain)), energyWh };
  }
}

interface Street {
  readonly dcId: string;
  readonly meters: readonly Meter[];
  readonly link: MqttLink;
  sequence: number;
}

let streets: readonly Street[] = [];
/** Batches sent so far, over all calls: which street and which of its meters is next. */
let turn = 0;

async function connect({ town, dcIds, url, ca }: Extract<DevicesRequest, { type: 'connect' }>): Promise<DevicesAnswer> {
  const mine = town.concentrators.filter(({ dcId }) => dcIds.includes(dcId));
  streets = await Promise.all(mine.map(async (street) => ({ ...(await streetOf(street, town.start, url, ca)), sequence: 0 })));
  return { type: 'connected' };
}

async function streetOf({ dcId, key, certificate, meters }: ChaosConcentrator, start: number, url: string, ca: string) {
  const identity = { key: createPrivateKey(key), certificate: Buffer.from(certificate) };
  const link = await mqttLink({ ...identity, url, ca, clientId: concentratorThing(dcId), reconnectMs: 250, ackTimeoutMs: 5_000 });
  return { dcId, link, meters: meters.map(({ meterId, secret }) => new Meter(meterId, secret, start)) };
}

async function send({ clock, framesPerSecond, seconds }: Extract<DevicesRequest, { type: 'send' }>): Promise<DevicesAnswer> {
  const gap = (HONEST_BATCH * 1000) / framesPerSecond;
  const started = performance.now();
  const sending: Promise<SentBatch>[] = [];
  for (let n = 0; n * gap < seconds * 1000; n++) {
    await wait(Math.max(0, started + n * gap - performance.now()));
    const street = streets[turn % streets.length]!;
    const parts = street.meters.length / HONEST_BATCH;
    const first = (Math.floor(turn++ / streets.length) % parts) * HONEST_BATCH;
    sending.push(sendBatch(street, street.meters.slice(first, first + HONEST_BATCH), clock));
  }
  return { type: 'sent', batches: await Promise.all(sending) };
}

/** As a concentrator's spool does: the same batch again until the gateway has it. */
async function sendBatch(street: Street, meters: readonly Meter[], clock: ChaosClock): Promise<SentBatch> {
  const at = now(clock);
  const frames = meters.map((meter) => meter.frame());
  const sequence = ++street.sequence;
  const batch = encodeBatch(
    sequence,
    frames.map(({ bytes }) => ({ receivedAt: at, bytes })),
  );
  const topic = upTopic(TOPIC_RULES.telemetry, concentratorThing(street.dcId));
  while (!(await acknowledged(street, topic, batch))) await wait(AGAIN_MS);
  return { dcId: street.dcId, sequence, at, frames: frames.length, energyWh: frames.reduce((sum, { energyWh }) => sum + energyWh, 0) };
}

async function acknowledged({ link }: Street, topic: string, payload: Buffer): Promise<boolean> {
  try {
    await link.publish(topic, payload);
    return true;
  } catch {
    return false;
  }
}

/** A meter says HELLO once here: what the gateway acknowledged is the service's to answer, however long it takes. */
async function greet({ newcomers, agreementKeyId, seconds }: Extract<DevicesRequest, { type: 'greet' }>): Promise<DevicesAnswer> {
  const heard = newcomers.flatMap(({ dcId, ...meter }) =>
    streets.filter((street) => street.dcId === dcId).map((street) => ({ ...meter, street })),
  );
  for (const { meterId, key, street } of heard) {
    const hello = await helloOf(meterId, agreementKeyId, createPrivateKey(key));
    while (!(await acknowledged(street, upTopic(TOPIC_RULES.handshake, concentratorThing(street.dcId)), hello))) await wait(AGAIN_MS);
    await wait((seconds * 1000) / heard.length);
  }
  return { type: 'greeted', hellos: heard.length };
}

async function helloOf(meterId: string, agreementKeyId: string, key: KeyObject, epoch = 1): Promise<Buffer> {
  const fields = { meterId, epoch, suite: SUITE.p256, ephemeral: ephemeralPair().point, nonce: randomBytes(16), agreementKeyId };
  return (await encodeHello(fields, signerOf(key))).bytes;
}

async function flood({ clock, what, seconds }: Extract<DevicesRequest, { type: 'flood' }>): Promise<DevicesAnswer> {
  const until = performance.now() + seconds * 1000;
  const sent = { messages: 0, frames: 0 };
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const lane = async (street: Street) => {
    while (performance.now() < until) {
      const { payload, frames, topic } = await floodOf(what, street, clock, stranger);
      if (!(await acknowledged(street, topic, payload))) await wait(AGAIN_MS);
      else {
        sent.messages++;
        sent.frames += frames;
      }
    }
  };
  await Promise.all(streets.flatMap((street) => Array.from({ length: IN_FLIGHT }, () => lane(street))));
  return { type: 'flooded', ...sent };
}

async function floodOf(what: Flood, street: Street, clock: ChaosClock, stranger: KeyObject) {
  const thing = concentratorThing(street.dcId);
  if (what === 'handshakes') {
    const { meterId } = street.meters[Math.floor(Math.random() * street.meters.length)]!;
    const payload = await helloOf(meterId, randomBytes(8).toString('hex'), stranger, 2);
    return { topic: upTopic(TOPIC_RULES.handshake, thing), payload, frames: 1 };
  }
  const receivedAt = now(clock);
  const frames = Array.from({ length: FLOOD_BATCH }, (_, i) => {
    const { bytes } = street.meters[(street.sequence * FLOOD_BATCH + i) % street.meters.length]!.frame(false);
    if (what === 'unknown') randomBytes(8).copy(bytes, KID_OFFSET);
    return { receivedAt, bytes };
  });
  const payload = encodeBatch(++street.sequence, frames);
  return { topic: upTopic(TOPIC_RULES.telemetry, thing), payload, frames: frames.length };
}

async function handle(request: DevicesRequest): Promise<DevicesAnswer> {
  if (request.type === 'connect') return await connect(request);
  if (request.type === 'greet') return await greet(request);
  return request.type === 'send' ? await send(request) : await flood(request);
}

answering(handle);
process.on('disconnect', () => process.exit(0));
