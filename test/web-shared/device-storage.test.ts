import { verify, webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { jwsHash } from '../../protocol/jws.ts';
import { pointThumbprint } from '../../protocol/key-list.ts';
import { makeProofKey, proofFor, thumbprintOf } from '../../web/shared/proof-key.ts';
import { SealedStore } from '../../web/shared/sealed-store.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryKept } from './memory-kept.ts';

const { subtle } = webcrypto;
const partsOf = (jws: string) =>
  jws
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);

describe('the key of a session', () => {
  it('R9.2-4, C10.2-3: signs, and cannot be exported in any form', async () => {
    const { privateKey } = await makeProofKey(defencesUnderTest());
    expect(privateKey.extractable).toBe(false);
    await expect(subtle.exportKey('jwk', privateKey)).rejects.toThrow(/extractable/);
    await expect(subtle.exportKey('pkcs8', privateKey)).rejects.toThrow(/extractable/);
  });

  it('has the thumbprint that the service computes', async () => {
    const key = await makeProofKey();
    expect(await thumbprintOf(key)).toBe(pointThumbprint(key));
  });

  it('proves possession for one request and one token', async () => {
    const key = await makeProofKey();
    const at = Date.UTC(2026, 5, 10, 12, 0, 0, 900);
    const proof = await proofFor(key, { method: 'GET', url: 'https://localhost:1/v1/me/points', token: 'a-token', at });
    const [header, claims] = partsOf(proof) as [Record<string, unknown>, Record<string, unknown>];
    expect(header).toEqual({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x: key.x, y: key.y } });
    const { jti, ...told } = claims;
    expect(told).toEqual({
      htm: 'GET',
      htu: 'https://localhost:1/v1/me/points',
      iat: Date.UTC(2026, 5, 10, 12) / 1000,
      ath: jwsHash('a-token'),
    });
    expect(jti).toMatch(/^[A-Za-z0-9_-]{22}$/);
    const [head, body, tail] = proof.split('.') as [string, string, string];
    const publicKey = { key: { kty: 'EC', crv: 'P-256', x: key.x, y: key.y }, format: 'jwk', dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(tail, 'base64url'))).toBe(true);
    const again = partsOf(await proofFor(key, { method: 'GET', url: 'https://localhost:1/v1/me/points', at }))[1]!;
    expect(again['jti']).not.toBe(jti);
    expect(again).not.toHaveProperty('ath');
  });
});

describe('what is kept for times without network', () => {
  const today = { usagePoint: 'demo-home-1', importWh: 7_340 };

  const sealedIn = (kept: MemoryKept) => [...kept.values.keys()].filter((name) => name.startsWith('sealed:'));

  /** Every byte and text of the database, as a dump of it would show them. */
  async function dumpOf(kept: MemoryKept): Promise<string> {
    const bytesOf = async (value: unknown): Promise<string> => {
      if (value instanceof Uint8Array || value instanceof ArrayBuffer) return Buffer.from(value as Uint8Array).toString('latin1');
      if (value instanceof CryptoKey)
        return value.extractable ? Buffer.from(await subtle.exportKey('raw', value)).toString('hex') : '(key)';
      if (typeof value !== 'object' || value === null) return String(value);
      return (await Promise.all(Object.values(value).map(bytesOf))).join('\n');
    };
    return (await Promise.all([...kept.values].map(async ([name, value]) => `${name}\n${await bytesOf(value)}`))).join('\n');
  }

  it('C10.2-3, R9.2-4: lies sealed under a key that cannot be exported; a dump shows neither', async () => {
    const kept = new MemoryKept();
    await new SealedStore(kept, defencesUnderTest()).put('today:demo-home-1', today, 5);
    const dump = await dumpOf(kept);
    expect(dump).toContain('sealed:');
    expect(dump).not.toMatch(/today|demo-home-1|7340|importWh/);
    expect(dump.match(/\(key\)/g)).toHaveLength(2);
  });

  it('C10.2-3: opens with its age, over a reload', async () => {
    const kept = new MemoryKept();
    await new SealedStore(kept).put('today', today, 5);
    expect(await new SealedStore(kept).get('today')).toEqual({ value: today, at: 5 });
    expect(await new SealedStore(kept).get('usage')).toBeUndefined();
  });

  it('C10.2-3: opens whoever of several was first to make the keys', async () => {
    const kept = new MemoryKept();
    const store = new SealedStore(kept);
    await Promise.all([store.put('a', 1, 5), store.put('b', 2, 5)]);
    expect([await store.get('a'), await store.get('b')]).toEqual([
      { value: 1, at: 5 },
      { value: 2, at: 5 },
    ]);
  });

  it('C10.2-3: goes together with its key, and leaves what belongs to others', async () => {
    const kept = new MemoryKept();
    const store = new SealedStore(kept);
    await store.put('today', today, 5);
    await kept.put('sign-in:x', 'begun');
    await store.clear();
    expect([...kept.values.keys()]).toEqual(['sign-in:x']);
  });

  it('C10.2-3: does not open once it was altered, lies under another name, or after the key was wiped', async () => {
    const kept = new MemoryKept();
    const store = new SealedStore(kept);
    await store.put('today', today, 5);
    const [todayName] = sealedIn(kept) as [string];
    await store.put('usage', 'other', 6);
    const usageName = sealedIn(kept).find((name) => name !== todayName)!;
    kept.values.set(usageName, kept.values.get(todayName));
    expect(await store.get('usage')).toBeUndefined();
    const { iv, body } = kept.values.get(todayName) as { iv: Uint8Array; body: ArrayBuffer };
    const altered = new Uint8Array(body.slice(0));
    altered[0]! ^= 1;
    kept.values.set(todayName, { iv, body: altered.buffer });
    expect(await store.get('today')).toBeUndefined();
    kept.values.set(todayName, { iv, body });
    expect(await store.get('today')).toEqual({ value: today, at: 5 });
    kept.values.delete('sealing-keys');
    expect(await new SealedStore(kept).get('today')).toBeUndefined();
  });

  it('C10.2-3: of nobody knows whom is forgotten when somebody signs in; what is their own stays', async () => {
    const store = new SealedStore(new MemoryKept());
    await store.put('today', today, 5);
    await store.belongTo('anna', 6);
    expect(await store.get('today')).toBeUndefined();
    await store.put('today', today, 6);
    await store.belongTo('anna', 7);
    expect(await store.get('today')).toEqual({ value: today, at: 6 });
    await store.belongTo('ben', 8);
    expect(await store.get('today')).toBeUndefined();
  });
});
