import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compactJws, jwsSigningInput, type PinnedKey } from '../../protocol/jws.ts';
import { verifyWebhook, WEBHOOK_HEADER, WEBHOOK_TYP, type WebhookClaims, webhookClaims } from '../../protocol/webhook.ts';

const KID = 'key-1';
const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const BODY = Buffer.from('{"items":[1,2]}');
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keys: ReadonlyMap<string, PinnedKey> = new Map([[KID, { key: pair.publicKey, typ: WEBHOOK_TYP }]]);
const CLAIMS = webhookClaims('usage/7', 'brightly', BODY, NOW);

function signed(payload: unknown, { typ = WEBHOOK_TYP, key = pair.privateKey }: { typ?: string; key?: KeyObject } = {}): string {
  const input = jwsSigningInput({ kid: KID, typ }, Buffer.from(JSON.stringify(payload)));
  return compactJws(input, sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }));
}

interface Push {
  readonly claims?: unknown;
  readonly signature?: string | string[] | undefined;
  readonly id?: string | string[] | undefined;
  readonly body?: Buffer;
  readonly recipient?: string;
  readonly now?: number;
}

/** What a receiver makes of a push that is as it was sent but for what is given. */
function received(push: Push = {}): WebhookClaims | { readonly fault: string } {
  const { claims = CLAIMS, body = BODY, recipient = 'brightly', now = NOW } = push;
  const id = 'id' in push ? push.id : 'usage/7';
  const signature = 'signature' in push ? push.signature : signed(claims);
  const headers = { [WEBHOOK_HEADER.id]: id, [WEBHOOK_HEADER.signature]: signature };
  return verifyWebhook({ headers, body }, { recipient, keys, now });
}

describe('a push', () => {
  it('R9.3-2: as it was sent says which item it is, for whom and when', () => {
    expect(received()).toEqual({ id: 'usage/7', recipient: 'brightly', at: NOW, body: CLAIMS.body });
    expect(CLAIMS.body).toBe('AtIWUb9KDGdhWUVs1H0J1KxYXbXtEySsGR8-mGQIRqM');
  });

  it('R9.3-2: of more than five minutes ago, or from more than five minutes ahead, is stale, and up to then it is not', () => {
    for (const apart of [-5 * MINUTE, 5 * MINUTE]) expect(received({ now: NOW + apart })).toHaveProperty('id');
    for (const apart of [-5 * MINUTE - 1, 5 * MINUTE + 1]) expect(received({ now: NOW + apart })).toEqual({ fault: 'stale' });
  });

  it('R9.3-2: under the id of another item is refused', () => {
    expect(received({ id: 'usage/8' })).toEqual({ fault: 'wrong-id' });
  });

  it('R9.3-2: that was meant for another recipient is refused', () => {
    expect(received({ recipient: 'watt-advice' })).toEqual({ fault: 'wrong-recipient' });
  });

  it('R9.3-2: with another body, longer, shorter or empty, is refused', () => {
    for (const body of [Buffer.from('{"items":[1,3]}'), Buffer.concat([BODY, Buffer.of(0)]), BODY.subarray(1), Buffer.alloc(0)])
      expect(received({ body })).toEqual({ fault: 'wrong-body' });
  });

  it('R9.3-2: without id or signature, or with two of them, is unsigned', () => {
    for (const header of [undefined, ['usage/7', 'usage/7']]) {
      expect(received({ id: header })).toEqual({ fault: 'unsigned' });
      expect(received({ signature: header })).toEqual({ fault: 'unsigned' });
    }
  });

  it('R9.3-2: of another key, or signed for another purpose, is refused as the signature says', () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(received({ signature: signed(CLAIMS, { key: stranger }) })).toEqual({ fault: 'wrong-signature' });
    expect(received({ signature: signed(CLAIMS, { typ: 'joulekeep-price+jws' }) })).toEqual({ fault: 'wrong-purpose' });
  });

  const NO_CLAIMS = [
    ...[null, [], 'usage/7', {}],
    ...['id', 'recipient', 'body'].map((name) => ({ ...CLAIMS, [name]: 7 })),
    ...[-1, 0.5, '7', null].map((at) => ({ ...CLAIMS, at })),
  ];
  it.each(NO_CLAIMS.map((claims) => [claims]))('that is signed and says no such thing is malformed: %j', (claims) => {
    expect(received({ signature: signed(claims) })).toEqual({ fault: 'malformed' });
  });
});
