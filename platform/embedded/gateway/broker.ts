import type { Socket } from 'node:net';
import { Aedes, type AedesPublishPacket, type Client, type ConnectPacket, type PublishPacket, type Subscription } from 'aedes';
import { writeToStream } from 'mqtt-packet';
import type { Defences } from '../../../topology/defences.ts';
import { ruleMessage, ruleOfTopic } from '../../../topology/device-access.ts';
import { type ConnectionLimits, connectionLimits } from '../../../topology/limits.ts';
import type { Clock, DeviceRole, Log, Queues } from '../../ports/platform.ts';
import { type Access, accessControl } from './access.ts';
import type { CertificateAuthority } from './ca.ts';
import { type Identity, judgeCertificate } from './certificate-check.ts';
import { ConnectQuota } from './connect-quota.ts';
import type { EmbeddedDevices } from './devices.ts';
import { type Listener, listenForDevices } from './listener.ts';
import { PacketGate } from './packet-gate.ts';
import { Refusals } from './refusals.ts';

const MQTT_3_1_1 = 4;

// A buffer for each of 65,536 numbers, made beforehand, is eight megabytes for what two bytes a packet cost.
writeToStream.cacheNumbers = false;

export interface BrokerOptions {
  readonly ca: CertificateAuthority;
  readonly devices: EmbeddedDevices;
  readonly queues: Pick<Queues, 'send'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly defences: Pick<Defences, 'devicePolicies' | 'certificateStatus' | 'rateLimits'>;
  readonly limits?: Partial<ConnectionLimits>;
  /** Default: any free one. */
  readonly port?: number;
  /** Plain TCP, identity by client id: proves that sealed frames need no closed network (X.1332 8, prose). Tests only. */
  readonly clearLink?: boolean;
}

/** Sees each message on its way: topic, payload, UTC ms. For tests of what an eavesdropper could see. */
export type WireTap = (topic: string, payload: Buffer, time: number) => void;

/** One accepted connection. */
interface Session extends Identity {
  readonly clientId: string;
  readonly gate: PacketGate;
  /** Topic filters in force. */
  readonly filters: Set<string>;
}

/**
 * The device gateway: MQTT 3.1.1 over mutual TLS, QoS 0 and 1, no will, nothing retained; what devices may do is decided
 * by the policies of topology/device-access.ts. Every refusal looks the same from outside: the connection ends. Why is
 * counted in `refusals` and logged.
 * @source X.1332 9.1, 10.1 (access control, mutual authentication, denial of service)
 */
export class Broker {
  /** Set by tests. */
  onWire: WireTap | undefined;
  /** For `BrokerDownlink`. */
  readonly mqtt: Aedes;
  readonly #options: BrokerOptions;
  readonly #limits: ConnectionLimits;
  readonly #access: Access;
  readonly #refusals: Refusals;
  readonly #quota: ConnectQuota;
  readonly #certificates = new WeakMap<PacketGate, Buffer>();
  /** Connections whose end is counted already. */
  readonly #refused = new WeakSet<PacketGate>();
  readonly #sessions = new Map<Client, Session>();
  #listener: Listener | undefined;

  static async listen(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options);
    await broker.mqtt.listen();
    try {
      broker.#listener = await listenForDevices({
        ca: options.clearLink ? undefined : options.ca,
        port: options.port ?? 0,
        handshakeMs: broker.#limits.connectWithinMs,
        accept: (socket, certificate) => broker.#accept(socket, certificate),
        refuse: (reason) => broker.refuse(reason),
      });
      return broker;
    } catch (error) {
      await new Promise<void>((closed) => broker.mqtt.close(() => closed()));
      throw error;
    }
  }

  private constructor(options: BrokerOptions) {
    this.#options = options;
    this.#limits = connectionLimits(options.defences.rateLimits, options.limits);
    this.#quota = new ConnectQuota(this.#limits);
    this.#access = accessControl(options.devices, options.defences.devicePolicies);
    this.#refusals = new Refusals(options.log);
    this.mqtt = new Aedes({
      connectTimeout: this.#limits.connectWithinMs,
      preConnect: (client, packet, done) => this.#onConnect(client, packet, done),
      authorizePublish: (client, packet, done) => this.#onPublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => this.#onSubscribe(client, subscription, done),
      authorizeForward: (client, packet) => this.#onForward(client, packet),
    });
    this.mqtt.on('clientReady', (client) => (client.conn as PacketGate).open());
    const onError = (client: Client, error: Error) => {
      // A lost connection is nobody's fault; what is left is malformed MQTT, or a device that went silent.
      if (!('code' in error)) this.#end(client.conn as PacketGate, 'session-fault');
    };
    this.mqtt.on('unsubscribe', (filters, client) => {
      // also told of a session that ends, without its filters
      for (const filter of filters ?? []) this.#sessions.get(client)?.filters.delete(filter);
    });
    this.mqtt.on('connectionError', onError);
    this.mqtt.on('clientError', onError);
    options.devices.onRevoked((fingerprint) => this.#dropSessions(fingerprint));
  }

  /** `mqtts://127.0.0.1:<port>` */
  get url(): string {
    return this.#listener?.url ?? '';
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** How often each reason ended a connection or dropped a message. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals.counts;
  }

  /** Client ids of the live sessions. */
  get connected(): readonly string[] {
    return [...this.#sessions.values()].map((session) => session.clientId);
  }

  /** Counts a refusal that its caller carries out. */
  refuse(reason: string): void {
    this.#refusals.count(reason);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.mqtt.close(resolve));
    await this.#listener?.close();
  }

  /** The certificate was revoked: what still talks with it is cut off. */
  #dropSessions(fingerprint: string): void {
    if (!this.#options.defences.certificateStatus) return;
    for (const session of this.#sessions.values()) {
      if (session.fingerprint === fingerprint) this.#end(session.gate, 'session-revoked');
    }
  }

  #accept(socket: Socket, certificate: Buffer | undefined): void {
    socket.setNoDelay(true);
    const gate = new PacketGate(socket, this.#limits, (reason) => this.#end(gate, reason));
    if (certificate !== undefined) this.#certificates.set(gate, certificate);
    const client = this.mqtt.handle(gate);
    gate.once('close', () => this.#sessions.delete(client));
  }

  #onConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, accepted: boolean) => void): void {
    const gate = client.conn as PacketGate;
    const identity = this.#judge(gate, packet.clientId);
    const refused = 'refused' in identity ? identity.refused : this.#connectRefusal(packet, identity.thing);
    if (refused !== undefined) {
      this.#end(gate, refused);
      done(new Error('refused'), false);
    } else {
      this.#sessions.set(client, { ...(identity as Identity), clientId: packet.clientId, gate, filters: new Set() });
      done(null, true);
    }
  }

  #judge(gate: PacketGate, clientId: string): Identity | { readonly refused: string } {
    const { devices, ca, clock, defences, clearLink } = this.#options;
    if (clearLink) return devices.thing(clientId) === undefined ? { refused: 'unregistered' } : { thing: clientId, fingerprint: undefined };
    const certificate = this.#certificates.get(gate);
    if (certificate === undefined) return { refused: 'certificate-missing' };
    return judgeCertificate(certificate, {
      issuerOf: (role: DeviceRole) => ca.issuerOf(role),
      standing: (fingerprint) => devices.standing(fingerprint),
      now: clock.now(),
      certificateStatus: defences.certificateStatus,
    });
  }

  #connectRefusal(packet: ConnectPacket, thing: string): string | undefined {
    if (packet.protocolVersion !== MQTT_3_1_1) return 'protocol-version';
    if (packet.will !== undefined || packet.username !== undefined || packet.password !== undefined) return 'connect-extras';
    const { clientId } = packet;
    if (clientId === '') return 'client-id';
    const denied = denial(this.#access('iot:Connect', 'client', clientId, { clientId, thing }), 'connect');
    return denied ?? this.#quota.refusal(clientId, { size: this.#sessions.size, has: (id) => this.connected.includes(id) });
  }

  #onPublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const session = client === null ? undefined : this.#sessions.get(client);
    const refused = session === undefined ? 'no-session' : this.#publishRefusal(session, packet);
    if (session === undefined || refused !== undefined) {
      if (session !== undefined) this.#end(session.gate, refused ?? '');
      done(new Error('refused'));
      return;
    }
    this.#deliver(packet).then(
      () => {
        session.gate.settled();
        done(null);
      },
      () => {
        this.#end(session.gate, 'queue-unavailable');
        done(new Error('refused'));
      },
    );
  }

  #publishRefusal(session: Session, packet: PublishPacket): string | undefined {
    if (packet.qos === 2) return 'qos-2';
    if (packet.retain) return 'retain';
    return denial(this.#access('iot:Publish', 'topic', packet.topic, session), 'publish');
  }

  /** A message for a rule is on stable storage in the rule's queue when this resolves; only then it is acknowledged. */
  async #deliver(packet: PublishPacket): Promise<void> {
    const time = this.#options.clock.now();
    const payload = Buffer.from(packet.payload);
    this.onWire?.(packet.topic, payload, time);
    const route = ruleOfTopic(packet.topic);
    if (route !== undefined) await this.#options.queues.send(route.rule.queue, ruleMessage(route.rule, route.thing, time, payload));
  }

  #onSubscribe(client: Client, subscription: Subscription, done: (error: Error | null, granted?: Subscription | null) => void): void {
    const session = this.#sessions.get(client);
    const refused = session && this.#subscribeRefusal(session, subscription.topic);
    if (session === undefined || refused !== undefined) {
      if (session !== undefined) this.#end(session.gate, refused ?? '');
      done(new Error('refused'));
      return;
    }
    session.filters.add(subscription.topic);
    done(null, { ...subscription, qos: subscription.qos === 0 ? 0 : 1 });
  }

  #subscribeRefusal({ filters, ...session }: Session, filter: string): string | undefined {
    const denied = denial(this.#access('iot:Subscribe', 'topicfilter', filter, session), 'subscribe');
    const tooMany = filters.size >= this.#limits.subscriptionsPerConnection && !filters.has(filter);
    return denied ?? (tooMany ? 'subscriptions' : undefined);
  }

  /** Nobody receives what goes to a rule or what the broker tells itself; else by policy. */
  #onForward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const session = this.#sessions.get(client);
    if (session === undefined || packet.topic.startsWith('$')) return null;
    return this.#access('iot:Receive', 'topic', packet.topic, session) === 'allow' ? packet : null;
  }

  #end(gate: PacketGate, reason: string): void {
    if (!this.#refused.has(gate)) this.refuse(reason);
    this.#refused.add(gate);
    gate.destroy();
  }
}

function denial(decision: ReturnType<Access>, what: string): string | undefined {
  return decision === 'allow' ? undefined : `${what}-${decision}`;
}
