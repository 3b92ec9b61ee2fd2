import { hash } from 'node:crypto';
import { JoulekeepError } from '../../events/index.ts';

/** One message of the telemetry queue: a concentrator's batch and what the gateway knows of it. */
export interface TelemetryMessage {
  /** By the connection's certificate, not by what the sender says. */
  readonly dcId: string;
  /** UTC ms, the gateway's clock. */
  readonly brokerTime: number;
  readonly bytes: Buffer;
  /** SHA-256 of the bytes. */
  readonly digest: Buffer;
}

/** @throws ERR_QUEUE_MESSAGE when the gateway's rule did not write it so; the queue sets it aside after its tries */
export function readTelemetryMessage(body: string): TelemetryMessage {
  const message = jsonOf(body);
  if (!isTelemetry(message)) throw new JoulekeepError('ERR_QUEUE_MESSAGE', 'telemetry message: dcId, brokerTime and batch expected');
  const bytes = Buffer.from(message.batch, 'base64');
  return { dcId: message.dcId, brokerTime: message.brokerTime, bytes, digest: hash('sha256', bytes, 'buffer') };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isTelemetry(message: unknown): message is { dcId: string; brokerTime: number; batch: string } {
  if (typeof message !== 'object' || message === null) return false;
  const { dcId, brokerTime, batch } = message as Record<string, unknown>;
  return typeof dcId === 'string' && typeof brokerTime === 'number' && typeof batch === 'string';
}
