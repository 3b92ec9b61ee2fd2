import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { JwsSigner } from '../../lambdas/shared/feeds/jws-signer.ts';
import type { Kms } from '../../platform/ports/kms.ts';
import { verifyJws } from '../../protocol/jws.ts';
import { keyThumbprint } from '../../protocol/key-list.ts';

const TYP = 'test+jws';

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A key service whose key has generations. */
class Generations {
  readonly pairs: Pair[] = [generateKeyPairSync('ec', { namedCurve: 'P-256' })];
  /** Generations made between any two calls. */
  restless = false;
  asked = 0;

  get kms(): Kms {
    return {
      getPublicKey: async () => {
        this.asked++;
        const spki = this.#newest.publicKey.export({ format: 'der', type: 'spki' });
        if (this.restless) this.rotate();
        return spki;
      },
      sign: async (_id: string, message: Buffer) => sign('sha256', message, { key: this.#newest.privateKey, dsaEncoding: 'ieee-p1363' }),
    } as Partial<Kms> as Kms;
  }

  rotate(): void {
    this.pairs.push(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  }

  get pinned() {
    return new Map(this.pairs.map(({ publicKey }) => [keyThumbprint(publicKey), { key: publicKey, typ: TYP }]));
  }

  get #newest(): Pair {
    return this.pairs.at(-1)!;
  }
}

describe('signer of what others are told', () => {
  it('names the key by the thumbprint that everybody computes', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(keyThumbprint(publicKey)).toBe(await calculateJwkThumbprint(await exportJWK(publicKey)));
  });

  it('asks for the public half once, and goes over to a new generation by itself', async () => {
    const service = new Generations();
    const signer = new JwsSigner(service.kms, 'price', TYP);
    const before = await signer.sign({ n: 1 });
    await signer.sign({ n: 2 });
    expect(service.asked).toBe(1);
    service.rotate();
    const after = await signer.sign({ n: 3 });
    expect(service.asked).toBe(2);
    for (const compact of [before, after]) expect(verifyJws(compact, service.pinned, TYP)).not.toHaveProperty('fault');
    expect(verifyJws(before, service.pinned, TYP)).not.toMatchObject({ header: { kid: keyThumbprint(service.pairs[1]!.publicKey) } });
  });

  it('lets nothing leave whose key it cannot name', async () => {
    const service = new Generations();
    service.restless = true;
    await expect(new JwsSigner(service.kms, 'price', TYP).sign({})).rejects.toMatchObject({ code: 'ERR_SIGNING_KEY', retryable: true });
  });
});
