import { z } from 'zod';
import { JoulekeepError } from '../../events/index.ts';
import type { ResendSpan } from '../../protocol/downlink.ts';
import { RESEND_SPANS } from '../shared/keys/resend-message.ts';

const dcId = z.string().regex(/^[a-z0-9-]{1,32}$/);
const brokerTime = z.number().int().nonnegative();
const meterIdText = z.string().regex(/^[0-9a-f]{16}$/);
const seconds = z.number().int().min(0).max(0xffff_ffff);
const span = z.strictObject({ channel: z.number().int().min(0).max(255), from: seconds, to: seconds });

/** What the gateway's rules and our own duties put into the queues `handshake` and `service`. */
const QueueMessage = z.union([
  z.strictObject({ dcId, brokerTime, message: z.base64() }),
  z.strictObject({ dcId, brokerTime, csr: z.base64() }),
  z.strictObject({
    request: z.literal('epoch-request'),
    meterId: meterIdText,
    epoch: z.number().int().min(1).max(65_535),
  }),
  z.strictObject({ request: z.literal('resend'), meterId: meterIdText, spans: z.array(span).min(1).max(RESEND_SPANS) }),
]);

export type KeysMessage =
  | { readonly kind: 'handshake'; readonly dcId: string; readonly brokerTime: number; readonly bytes: Buffer }
  | { readonly kind: 'relay-certificate'; readonly dcId: string; readonly brokerTime: number; readonly csr: Buffer }
  | { readonly kind: 'epoch-request'; readonly meterId: string; readonly epoch: number }
  | { readonly kind: 'resend'; readonly meterId: string; readonly spans: readonly ResendSpan[] };

/** @throws ERR_QUEUE_MESSAGE when neither the gateway's rule nor a duty of ours wrote it; the queue sets it aside */
export function readKeysMessage(body: string): KeysMessage {
  const parsed = QueueMessage.safeParse(jsonOf(body));
  if (!parsed.success) throw new JoulekeepError('ERR_QUEUE_MESSAGE', 'handshake or service message expected');
  const { data } = parsed;
  if ('spans' in data) return { kind: 'resend', meterId: data.meterId, spans: data.spans };
  if ('request' in data) return { kind: 'epoch-request', meterId: data.meterId, epoch: data.epoch };
  const { dcId, brokerTime } = data;
  if ('csr' in data) return { kind: 'relay-certificate', dcId, brokerTime, csr: Buffer.from(data.csr, 'base64') };
  return { kind: 'handshake', dcId, brokerTime, bytes: Buffer.from(data.message, 'base64') };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
