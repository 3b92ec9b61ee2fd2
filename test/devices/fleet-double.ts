import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes } from 'aedes';
import type { Commissioned, Stock } from '../../devices/fleet/protocol.ts';
import { truthLine } from '../../devices/fleet/truth.ts';
import { encodeParcel, readBatch } from '../../protocol/batch.ts';
import { checkFrame, FRAME_OK, frameMeterId } from '../../protocol/frame.ts';
import { classifyHandshake, parseHello } from '../../protocol/handshake.ts';
import { concentratorThing, downTopic, meterThing, ruleOfTopic } from '../../topology/device-access.ts';
import { TestMdms } from '../support/mdms.ts';
import { deviceKey, MemoryCa } from '../support/memory-ca.ts';

const FOREVER = Date.UTC(2040, 0, 1);

interface KnownMeter {
  readonly mdms: TestMdms;
  readonly identityKey: KeyObject;
  readonly minutes: number;
  readonly start: number;
  readonly channels: number;
  readonly counters: Set<string>;
}

/** What became of the frames of distinct batches. */
export interface DoubleCounts {
  frames: number;
  batches: number;
  accepted: number;
  duplicates: number;
  refused: number;
}

/**
 * A gateway and an MDMS behind it, as small as they get: a broker over mutual TLS that queues what comes, and a
 * reader that answers HELLO, opens frames and acknowledges slots when `drain` is called.
 */
export class FleetDouble {
  readonly #ca = new MemoryCa();
  readonly #keys = new TestMdms();
  readonly #meters = new Map<string, KnownMeter>();
  readonly #batches = new Set<string>();
  readonly #server: Server;
  readonly #broker: Aedes;
  readonly #sockets = new Set<TLSSocket>();
  #queue: { topic: string; payload: Buffer }[] = [];
  readonly counts: DoubleCounts = { frames: 0, batches: 0, accepted: 0, duplicates: 0, refused: 0 };
  readonly connected = new Set<string>();
  brokerCa = '';

  private constructor(broker: Aedes, server: Server) {
    this.#broker = broker;
    this.#server = server;
  }

  static async start(): Promise<FleetDouble> {
    const broker = await Aedes.createBroker();
    let double: FleetDouble | undefined;
    const server = createServer({ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' }, (socket) =>
      double!.#connect(socket),
    );
    double = new FleetDouble(broker, server);
    await double.#listen();
    return double;
  }

  get brokerUrl(): string {
    return `mqtts://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async #listen(): Promise<void> {
    const { privateKey, csr } = await deviceKey('localhost');
    const names = { commonName: 'localhost', notBefore: 0, notAfter: FOREVER, extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] };
    const cert = await this.#ca.issue('operator', csr, names);
    this.brokerCa = new X509Certificate(await this.#ca.certificate('operator')).toString();
    this.#server.setSecureContext({
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: new X509Certificate(cert).toString(),
      ca: new X509Certificate(await this.#ca.certificate('concentrator')).toString(),
    });
    // before the PUBACK, as a gateway that queues what it acknowledges
    this.#broker.authorizePublish = (_client, { topic, payload }, done) => {
      this.#queue.push({ topic, payload: Buffer.from(payload) });
      done(null);
    };
    this.#broker.on('clientReady', ({ id }) => this.connected.add(id));
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  #connect(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    this.#broker.handle(socket);
  }

  /** Breaks every connection, as an outage does. */
  interrupt(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async commission(stock: Stock): Promise<Commissioned> {
    const meters = stock.meters.map(async ({ meterId, csr, asset, certificate }) => {
      const der = certificate ?? (await this.#issue('meter', csr, meterThing(meterId)));
      const identityKey = createPublicKey(new X509Certificate(der).publicKey.export({ type: 'spki', format: 'pem' }));
      const mdms = Object.assign(this.#meters.get(meterId)?.mdms ?? new TestMdms(), {
        root: this.#keys.root,
        agreement: this.#keys.agreement,
        handshake: this.#keys.handshake,
      });
      const known = { mdms, identityKey, minutes: asset.intervalMinutes, start: stock.start / 1_000, channels: asset.channels.length };
      this.#meters.set(meterId, { ...known, counters: this.#meters.get(meterId)?.counters ?? new Set() });
      return { meterId, certificate: der };
    });
    const concentrators = stock.concentrators.map(async ({ dcId, csr, certificate }) => {
      return { dcId, certificate: certificate ?? (await this.#issue('concentrator', csr, concentratorThing(dcId))) };
    });
    return {
      type: 'commissioned',
      meters: await Promise.all(meters),
      concentrators: await Promise.all(concentrators),
      root: this.#keys.root.spki,
      manifest: await this.#keys.manifest(),
      brokerUrl: this.brokerUrl,
      brokerCa: this.brokerCa,
    };
  }

  #issue(role: 'meter' | 'concentrator', csr: Buffer, commonName: string): Promise<Buffer> {
    return this.#ca.issue(role, Buffer.from(csr), { commonName, notBefore: 0, notAfter: FOREVER });
  }

  /** What the gateway queued, for a test that reads it itself. */
  take(): { topic: string; payload: Buffer }[] {
    return this.#queue.splice(0);
  }

  /** A concentrator with key and certificate. */
  async concentrator(dcId: string): Promise<{ dcId: string; key: string; certificate: Buffer }> {
    const { privateKey, csr } = await deviceKey(concentratorThing(dcId));
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    return { dcId, key, certificate: await this.#issue('concentrator', csr, concentratorThing(dcId)) };
  }

  /** Works through what the gateway queued and sends answers. @param now virtual time, UTC ms */
  async drain(now: number): Promise<void> {
    for (const { topic, payload } of this.#queue.splice(0)) {
      const { rule, thing } = ruleOfTopic(topic)!;
      const answers =
        rule.queue === 'handshake'
          ? await this.#handshake(payload, now)
          : rule.queue === 'telemetry'
            ? this.#telemetry(thing, payload)
            : [];
      if (answers.length > 0) await this.#publish(downTopic(thing), encodeParcel(answers));
    }
  }

  async #handshake(payload: Buffer, now: number): Promise<{ meterId: string; bytes: Buffer }[]> {
    if (classifyHandshake(payload) !== 'hello') return [];
    const { meterId } = parseHello(payload).message;
    const known = this.#meters.get(meterId)!;
    const bytes = await known.mdms.answer(payload, known.identityKey, now);
    return bytes === undefined ? [] : [{ meterId, bytes }];
  }

  #telemetry(thing: string, payload: Buffer): { meterId: string; bytes: Buffer }[] {
    const digest = createHash('sha256').update(thing).update(payload).digest('hex');
    if (this.#batches.has(digest)) return [];
    this.#batches.add(digest);
    const batch = readBatch(payload);
    this.counts.batches += 1;
    this.counts.frames += batch.count;
    const epochs = new Map<string, number>();
    for (let i = 0; i < batch.count; i++) {
      const frame = Buffer.from(batch.bytes.subarray(batch.offset[i]!, batch.offset[i]! + batch.length[i]!));
      const epoch = this.#frame(frame);
      if (epoch !== undefined) epochs.set(frameMeterId(frame, 0), epoch);
    }
    return [...epochs].map(([meterId, epoch]) => {
      const { mdms, start, minutes, channels } = this.#meters.get(meterId)!;
      return { meterId, bytes: mdms.ack(meterId, epoch, start, minutes, [], channels) };
    });
  }

  /** @returns the epoch when the frame was authentic */
  #frame(frame: Buffer): number | undefined {
    const known = checkFrame(frame, 0, frame.length) === FRAME_OK ? this.#meters.get(frameMeterId(frame, 0)) : undefined;
    try {
      const opened = known!.mdms.open(frame);
      const counter = `${opened.epoch} ${opened.counter}`;
      if (known!.counters.has(counter)) this.counts.duplicates += 1;
      else this.counts.accepted += 1;
      known!.counters.add(counter);
      return opened.epoch;
    } catch {
      this.counts.refused += 1;
      return undefined;
    }
  }

  #publish(topic: string, payload: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const;
      this.#broker.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Lines of everything stored, as the fleet writes its truth. */
  lines(): string[] {
    const out: { meterId: string; channel: number; end: number; wh: number }[] = [];
    for (const [meterId, { mdms }] of this.#meters) {
      for (const [slot, wh] of mdms.slots) {
        const [channel, end] = slot.split(' ').map(Number);
        if (wh !== null) out.push({ meterId, channel: channel!, end: end! * 1_000, wh });
      }
    }
    out.sort((a, b) => (a.meterId < b.meterId ? -1 : a.meterId > b.meterId ? 1 : a.channel - b.channel || a.end - b.end));
    return out.map(({ meterId, channel, end, wh }) => truthLine(meterId, channel, end, wh));
  }

  digest(): string {
    return createHash('sha256').update(this.lines().join('')).digest('hex');
  }

  async stop(): Promise<void> {
    this.interrupt();
    await new Promise<void>((resolve) => this.#broker.close(() => resolve()));
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
