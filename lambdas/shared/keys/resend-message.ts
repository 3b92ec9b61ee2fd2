import type { ResendSpan } from '../../../protocol/downlink.ts';

/** Spans of one message at most. */
export const RESEND_SPANS = 16;

/** Body of a message to the queue `service` that asks the keys function to have a silent meter send slots again. */
export function resendMessage(meterId: string, spans: readonly ResendSpan[]): string {
  return JSON.stringify({ request: 'resend', meterId, spans: spans.slice(0, RESEND_SPANS) });
}
