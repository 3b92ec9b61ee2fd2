import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { connect, type IClientOptions, type IClientPublishOptions, type MqttClient } from 'mqtt';
import { fingerprintOf } from '../../platform/doors/thing-check.ts';
import { Broker, type BrokerOptions } from '../../platform/embedded/gateway/broker.ts';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import { EmbeddedDevices } from '../../platform/embedded/gateway/devices.ts';
import { BrokerDownlink } from '../../platform/embedded/gateway/downlink.ts';
import type { DeviceRole, Log, Queues } from '../../platform/ports/platform.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';

export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Key and certificate of a device, PEM. */
export interface Credentials {
  readonly thing: string;
  readonly key: string;
  readonly cert: string;
  readonly fingerprint: string;
}

/** A queue whose storage the test rules. */
export class TestQueues implements Pick<Queues, 'send'> {
  readonly sent: { queue: string; body: string }[] = [];
  failing = false;
  /** Resolvers of sends that are held back while `holding`. */
  readonly held: (() => void)[] = [];
  holding = false;

  async send(queue: string, body: string): Promise<void> {
    if (this.failing) throw new Error('disk full');
    if (this.holding) await new Promise<void>((resolve) => this.held.push(resolve));
    this.sent.push({ queue, body });
  }
}

/** A gateway of its own in a directory of its own. */
export class Gateway {
  readonly clock: ManualClock;
  readonly queues = new TestQueues();
  readonly #clients: MqttClient[] = [];
  readonly directory: string;
  ca!: CertificateAuthority;
  devices!: EmbeddedDevices;
  broker!: Broker;
  downlink!: BrokerDownlink;

  private constructor(now: number) {
    this.clock = new ManualClock(now);
    this.directory = mkdtempSync(join(tmpdir(), 'joulekeep-gateway-'));
  }

  static async open(options: Partial<BrokerOptions> & { now?: number } = {}): Promise<Gateway> {
    const gateway = new Gateway(options.now ?? Date.now());
    const { clock, queues, directory } = gateway;
    gateway.ca = await CertificateAuthority.open(join(directory, 'ca'), clock);
    gateway.devices = new EmbeddedDevices(join(directory, 'devices.db'), gateway.ca);
    const { ca, devices } = gateway;
    gateway.broker = await Broker.listen({ ca, devices, queues, clock, log: SILENT, defences: defencesUnderTest(), ...options });
    gateway.downlink = new BrokerDownlink(gateway.broker, clock);
    return gateway;
  }

  /** Key, CSR, certificate, attachment: a device as it leaves enrolment. */
  async enrol(thing: string, role: DeviceRole = 'concentrator'): Promise<Credentials> {
    const { privateKey, csr } = await deviceKey(thing);
    const der = await this.devices.issueCertificate(thing, role, csr);
    return { thing, key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string, cert: pem(der), fingerprint: fingerprintOf(der) };
  }

  /** @throws when the gateway ends the connection instead of accepting it */
  async connect(device: Credentials, options: IClientOptions = {}): Promise<MqttClient> {
    const client = this.start(device, options);
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('close', () => reject(new Error('connection ended')));
    });
    return client;
  }

  /** The same without waiting, for a test that must listen before the first message. */
  start(device: Credentials, options: IClientOptions & { ciphers?: string } = {}): MqttClient {
    const identity = { key: device.key, cert: device.cert, ca: this.ca.rootPem, clientId: device.thing };
    const client = connect(this.broker.url, { ...identity, reconnectPeriod: 0, ...options });
    client.on('error', () => {});
    this.#clients.push(client);
    return client;
  }

  /** A TLS connection with the device's certificate, for what no MQTT library would send. */
  async raw(device: Credentials): Promise<TLSSocket> {
    const socket = tlsConnect({ port: this.broker.port, host: '127.0.0.1', key: device.key, cert: device.cert, ca: this.ca.rootPem });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return socket;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.end(true);
    await this.broker.close();
    this.devices.close();
    rmSync(this.directory, { recursive: true });
  }
}

export function pem(der: Buffer): string {
  return new X509Certificate(der).toString();
}

/** Settles when the other side has ended the connection. */
export async function ended(connection: MqttClient | Socket): Promise<void> {
  const stream = 'stream' in connection ? connection.stream : connection;
  connection.on('error', () => {});
  if (stream.destroyed) return;
  if (!('stream' in connection)) connection.resume();
  await new Promise((resolve) => stream.once('close', resolve));
}

/** Publishes; tells whether it was acknowledged or the connection ended instead. */
export async function publishes(client: MqttClient, topic: string, options: IClientPublishOptions = { qos: 1 }): Promise<boolean> {
  return await Promise.race([client.publishAsync(topic, Buffer.from('x'), options).then(() => true), ended(client).then(() => false)]);
}

/** A CONNECT packet of MQTT 3.1.1 (clean session), padded by user name when a length is asked for. */
export function connectPacket(clientId: string, length?: number): Buffer {
  const id = Buffer.from(clientId);
  const variable = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, length === undefined ? 2 : 0x82, 0, 60]);
  const body = [variable, prefixed(id)];
  const soFar = variable.length + 2 + id.length + 3;
  if (length !== undefined) body.push(prefixed(randomBytes(length - soFar - 2)));
  return packet(0x10, Buffer.concat(body));
}

/** A PUBLISH packet, QoS 1 with message id 1. */
export function publishPacket(topic: string, payload: Buffer): Buffer {
  return packet(0x32, Buffer.concat([prefixed(Buffer.from(topic)), Buffer.from([0, 1]), payload]));
}

/** Fixed header with the length announced, whatever the body is. */
export function fixedHeader(first: number, length: number): Buffer {
  const bytes = [first];
  let rest = length;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

function packet(first: number, body: Buffer): Buffer {
  return Buffer.concat([fixedHeader(first, body.length), body]);
}

function prefixed(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
