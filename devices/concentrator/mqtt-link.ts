import { type KeyObject, X509Certificate } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { downTopic } from '../../topology/device-access.ts';
import type { Link, LinkIdentity } from './link.ts';

type Identity = Pick<MqttLinkOptions, 'key' | 'certificate'>;

export interface MqttLinkOptions {
  /** mqtts://host:port */
  readonly url: string;
  /** Private key, PEM when it is text. */
  readonly key: KeyObject | string;
  /** X.509, DER or PEM. */
  readonly certificate: Buffer | string;
  /** PEM of the root the broker's certificate must chain to; no other is trusted. */
  readonly ca: string;
  /** The thing name: it names the session and the down topic. */
  readonly clientId: string;
  /** Shortest wait before connecting again; each wait is up to twice as long. */
  readonly reconnectMs?: number;
  /** Without a PUBACK for so long a publish counts as failed. */
  readonly ackTimeoutMs?: number;
}

export interface MqttLink extends Link {
  readonly connected: boolean;
  useIdentity(identity: LinkIdentity): Promise<void>;
  close(): Promise<void>;
}

/**
 * QoS 1 over mutual TLS 1.2 or better. The spool is the only store: a publish whose connection ends is forgotten here
 * and rejects, so that nothing is sent twice behind the concentrator's back.
 * @throws when the first connection fails @source X.1332 10.1 (mutual authentication)
 */
export async function mqttLink(options: MqttLinkOptions): Promise<MqttLink> {
  // a persistent session may deliver before anybody listens
  let early: Buffer[] = [];
  let onDown = (payload: Buffer): void => void early.push(payload);
  const connect = async (identity: Identity): Promise<MqttClient> => {
    const client = await connectAsync(options.url, clientOptions(options, identity), false);
    client.setMaxListeners(0);
    client.on('message', (_topic, payload) => onDown(payload));
    client.on('error', () => {});
    client.on('close', () => {
      client.options.reconnectPeriod = jittered(options.reconnectMs ?? 1_000);
    });
    await client.subscribeAsync(downTopic(options.clientId), { qos: 1 });
    return client;
  };
  let client = await connect(options);
  return {
    get connected() {
      return client.connected;
    },
    onDown: (handler) => {
      onDown = handler;
      for (const payload of early) handler(payload);
      early = [];
    },
    publish: (topic, payload) => publishOnce(client, topic, payload, options.ackTimeoutMs ?? 30_000),
    useIdentity: async (identity) => {
      await client.endAsync();
      client = await connect(identity);
    },
    close: () => client.endAsync(),
  };
}

function clientOptions(options: MqttLinkOptions, identity: Identity): IClientOptions & Pick<TlsOptions, 'minVersion'> {
  return {
    clientId: options.clientId,
    clean: false,
    protocolVersion: 4,
    reconnectPeriod: jittered(options.reconnectMs ?? 1_000),
    queueQoSZero: false,
    key: typeof identity.key === 'string' ? identity.key : identity.key.export({ type: 'pkcs8', format: 'pem' }),
    cert: new X509Certificate(identity.certificate).toString(),
    ca: options.ca,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  };
}

/** After an outage a whole town must not knock at once. */
function jittered(milliseconds: number): number {
  return Math.round(milliseconds * (1 + Math.random()));
}

function publishOnce(client: MqttClient, topic: string, payload: Buffer, timeoutMs: number): Promise<void> {
  if (!client.connected) return Promise.reject(new Error('not connected'));
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null): void => {
      clearTimeout(timer);
      client.off('close', lost);
      if (error) reject(error);
      else resolve();
    };
    const lost = (): void => {
      settle(new Error('no PUBACK'));
      client.removeOutgoingMessage(messageId);
    };
    const timer = setTimeout(lost, timeoutMs);
    client.once('close', lost);
    client.publish(topic, payload, { qos: 1 }, settle);
    const messageId = client.getLastMessageId();
  });
}
