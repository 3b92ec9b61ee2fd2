import { meterHigh, meterLow } from '../../domain/telemetry/meter-index.ts';
import { classifyHandshake, parseHello, parseRenewal, type SignedMessage } from '../../protocol/handshake.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import type { KeysContext } from './context.ts';
import { onEpochRequest } from './epoch-request.ts';
import { onHello } from './hello.ts';
import type { Arrival } from './junk.ts';
import { readKeysMessage } from './messages.ts';
import { discard } from './refusing.ts';
import { onRelayRequest } from './relay-certificate.ts';
import { onRenewal } from './renewal.ts';
import { onResendRequest } from './resend-request.ts';

/**
 * One message of the queues `handshake` and `service`. Resolves when what follows from it is durable and sent; what a
 * device did wrong is recorded, never thrown.
 * @throws ERR_QUEUE_MESSAGE, or a fault of the outside world: the queue delivers it again
 */
export async function handleMessage(context: KeysContext, body: string): Promise<void> {
  const message = readKeysMessage(body);
  switch (message.kind) {
    case 'handshake':
      return onHandshake(context, message);
    case 'relay-certificate':
      return context.turns.run(message.dcId, () => onRelayRequest(context, { ...message, bytes: message.csr }));
    case 'epoch-request':
      return context.turns.run(message.meterId, () => onEpochRequest(context, message.meterId, message.epoch));
    case 'resend':
      return context.turns.run(message.meterId, () => onResendRequest(context, message.meterId, message.spans));
    default:
      return message satisfies never;
  }
}

/** Cheapest first: the concentrator's share, layout, whether the meter is ours, the meter's share; crypto comes after. */
async function onHandshake(context: KeysContext, arrival: Arrival): Promise<void> {
  const { dcId, brokerTime } = arrival;
  const limited = context.defences.rateLimits;
  if (limited && !context.limits.relay.take(dcId, brokerTime)) {
    context.counters.add('HandshakeThrottled');
    return context.junk.flood(dcId, brokerTime);
  }
  const work = read(context, arrival);
  if (work === undefined) return discard(context, arrival, 'frame-layout');
  const { meterId } = work;
  if (context.known.find(meterHigh(meterId), meterLow(meterId)) < 0) return discard(context, arrival, 'unknown-meter');
  if (limited && !context.limits.meter.take(`${dcId}/${meterId}`, brokerTime)) {
    context.counters.add('HandshakeThrottled');
    return;
  }
  return context.turns.run(meterId, work.run);
}

/** Which of the two a meter sent, parsed. */
function read(context: KeysContext, arrival: Arrival): { meterId: string; run: () => Promise<void> } | undefined {
  try {
    const { bytes } = arrival;
    if (classifyHandshake(bytes) === 'renewal') return turn(parseRenewal(bytes), (renewal) => onRenewal(context, arrival, renewal));
    return turn(parseHello(bytes), (hello) => onHello(context, arrival, hello));
  } catch (error) {
    if (error instanceof ProtocolRefusal) return undefined;
    throw error;
  }
}

function turn<T extends { meterId: string }>(signed: SignedMessage<T>, answer: (signed: SignedMessage<T>) => Promise<void>) {
  return { meterId: signed.message.meterId, run: () => answer(signed) };
}
