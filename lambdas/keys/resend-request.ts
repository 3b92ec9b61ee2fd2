import { meter } from '../../domain/enrolment/meter.ts';
import { encodeResend, type ResendSpan } from '../../protocol/downlink.ts';
import { foldStream } from '../shared/streams.ts';
import type { KeysContext } from './context.ts';
import { sendSealed } from './sealed-downlink.ts';

/** Asks a silent meter for slots, over every concentrator that is assigned to it: one of them may be what keeps it silent. */
export async function onResendRequest(context: KeysContext, meterId: string, spans: readonly ResendSpan[]): Promise<void> {
  const { state } = await foldStream(context.platform.events, `meter/${meterId}`, meter, context.meters);
  if (state.status !== 'active') return;
  const body = encodeResend({ spans });
  for (const { dcId, until } of state.relays) if (until === undefined) await sendSealed(context, state, dcId, 'resend', body);
}
