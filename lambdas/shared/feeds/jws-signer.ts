import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { JoulekeepError } from '../../../events/errors.ts';
import type { Kms } from '../../../platform/ports/kms.ts';
import { compactJws, jwsSigningInput, type PinnedKey } from '../../../protocol/jws.ts';
import { keyThumbprint } from '../../../protocol/key-list.ts';

/** Public half of the generation in use. */
export async function publicKeyOf(kms: Pick<Kms, 'getPublicKey'>, keyId: string): Promise<KeyObject> {
  return createPublicKey({ key: await kms.getPublicKey(keyId), format: 'der', type: 'spki' });
}

/** The same as whoever receives pins it. @param typ what the key signs */
export async function pinnedKeyOf(kms: Pick<Kms, 'getPublicKey'>, keyId: string, typ: string): Promise<ReadonlyMap<string, PinnedKey>> {
  const key = await publicKeyOf(kms, keyId);
  return new Map([[keyThumbprint(key), { key, typ }]]);
}

/**
 * Signs what others are told, with a key that never leaves the key service. `kid` is the thumbprint of the generation that signed.
 * A generation may change between asking for its public half and signing: what was signed is checked before it leaves.
 */
export class JwsSigner {
  readonly #kms: Pick<Kms, 'sign' | 'getPublicKey'>;
  readonly #keyId: string;
  readonly #typ: string;
  #key: Promise<KeyObject> | undefined;

  /** @param keyId of topology/keys.ts @param typ what the key signs */
  constructor(kms: Pick<Kms, 'sign' | 'getPublicKey'>, keyId: string, typ: string) {
    this.#kms = kms;
    this.#keyId = keyId;
    this.#typ = typ;
  }

  /** @param payload as JSON @returns compact JWS @throws ERR_SIGNING_KEY (retryable) when the key changes faster than it can be named */
  async sign(payload: unknown): Promise<string> {
    const bytes = Buffer.from(JSON.stringify(payload));
    for (let attempt = 1; attempt <= 3; attempt++) {
      const key = await this.publicKey();
      const input = jwsSigningInput({ kid: keyThumbprint(key), typ: this.#typ }, bytes);
      const signature = await this.#kms.sign(this.#keyId, input);
      if (verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)) return compactJws(input, signature);
      this.#key = undefined;
    }
    throw new JoulekeepError('ERR_SIGNING_KEY', `${this.#keyId}: its public half doesn't fit what it signs`, { retryable: true });
  }

  /** Of the generation in use, as far as is known here. */
  publicKey(): Promise<KeyObject> {
    this.#key ??= this.#fetch();
    return this.#key;
  }

  async #fetch(): Promise<KeyObject> {
    try {
      return await publicKeyOf(this.#kms, this.#keyId);
    } catch (error) {
      this.#key = undefined;
      throw error;
    }
  }
}
