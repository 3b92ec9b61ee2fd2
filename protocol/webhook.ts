import { createHash } from 'node:crypto';
import { type PinnedKey, verifyJws } from './jws.ts';
import type { JwsFault } from './portable/compact-jws.ts';
import { isCount, isRecord, jsonOf } from './portable/values.ts';

/**
 * What is pushed to a recipient carries, beside its body, a compact JWS over what it is: id, time, recipient and hash of the body. The
 * receiver checks it with the public keys it has pinned, and forgets what is older than some minutes.
 * @source X.1332 9.2 to 9.4
 */
export const WEBHOOK_TYP = 'joulekeep-webhook+jws';
/** Names of headers, as they arrive. */
export const WEBHOOK_HEADER = { id: 'joulekeep-delivery', signature: 'joulekeep-signature' } as const;

export interface WebhookClaims {
  /** `<feed>/<sequence>`: the same item again has the same id. */
  readonly id: string;
  readonly recipient: string;
  /** When it was sent, UTC ms. */
  readonly at: number;
  /** SHA-256 of the body, base64url. */
  readonly body: string;
}

export type WebhookFault = JwsFault | 'unsigned' | 'wrong-id' | 'wrong-recipient' | 'wrong-body' | 'stale';

/** How far the clocks of both sides and the way between them may be apart, ms. */
const STALE_MS = 5 * 60_000;

export function webhookClaims(id: string, recipient: string, body: Uint8Array, at: number): WebhookClaims {
  return { id, recipient, at, body: hashOf(body) };
}

/** What a receiver does first. @param headers names in lower case @param now its own clock, UTC ms */
export function verifyWebhook(
  { headers, body }: { readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: Uint8Array },
  { recipient, keys, now }: { readonly recipient: string; readonly keys: ReadonlyMap<string, PinnedKey>; readonly now: number },
): WebhookClaims | { readonly fault: WebhookFault } {
  const [id, signature] = [headers[WEBHOOK_HEADER.id], headers[WEBHOOK_HEADER.signature]];
  if (typeof id !== 'string' || typeof signature !== 'string') return { fault: 'unsigned' };
  const jws = verifyJws(signature, keys, WEBHOOK_TYP);
  if ('fault' in jws) return jws;
  const claims = claimsOf(jsonOf(jws.payload));
  if (claims === undefined) return { fault: 'malformed' };
  if (claims.id !== id) return { fault: 'wrong-id' };
  if (claims.recipient !== recipient) return { fault: 'wrong-recipient' };
  if (claims.body !== hashOf(body)) return { fault: 'wrong-body' };
  return Math.abs(now - claims.at) > STALE_MS ? { fault: 'stale' } : claims;
}

function claimsOf(value: unknown): WebhookClaims | undefined {
  if (!isRecord(value) || !isCount(value['at'])) return undefined;
  const texts = [value['id'], value['recipient'], value['body']];
  return texts.every((text) => typeof text === 'string') ? (value as unknown as WebhookClaims) : undefined;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}
