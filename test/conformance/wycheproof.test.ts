import { createPublicKey, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hmacSha256, isLowS, macMatches, verifySignature } from '../../protocol/cose.ts';
import { openGcm, sealGcm } from '../../protocol/gcm.ts';
import { describeShared } from '../support/shared.ts';

/*
 * Project Wycheproof's vectors through our own functions. Two rules of ours are narrower than the standards: tags are
 * never shortened, and a signature has low S. What they refuse although it is labelled valid is counted apart.
 */
interface Vectors<Group> {
  numberOfTests: number;
  testGroups: Group[];
}
interface Labelled {
  tcId: number;
  result: 'valid' | 'invalid' | 'acceptable';
}
type GcmGroup = { ivSize: number; tagSize: number; tests: (Labelled & Record<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag', string>)[] };
type HmacGroup = { tagSize: number; tests: (Labelled & Record<'key' | 'msg' | 'tag', string>)[] };
type EcdsaGroup = { publicKeyDer: string; tests: (Labelled & Record<'msg' | 'sig', string>)[] };

const hex = (text: string) => Buffer.from(text, 'hex');
const read = <Group>(path: string): Vectors<Group> => JSON.parse(readFileSync(path, 'utf8')) as Vectors<Group>;

describeShared('Wycheproof AES-GCM', 'conformance/wycheproof/aes_gcm_test.json', (path) => {
  const groups = read<GcmGroup>(path).testGroups;
  const open = (t: GcmGroup['tests'][number]) => openGcm(createSecretKey(hex(t.key)), hex(t.iv), hex(t.aad), hex(t.ct), hex(t.tag));

  it('C10.1-3: every vector with a 12-byte nonce opens or is refused as labelled, through our own open (B12)', () => {
    const ours = groups.filter((group) => group.ivSize === 96 && group.tagSize === 128).flatMap((group) => group.tests);
    const counted = { valid: 0, invalid: 0, acceptable: 0 };
    for (const test of ours) {
      expect([test.tcId, open(test)?.toString('hex')]).toEqual([test.tcId, test.result === 'valid' ? test.msg : undefined]);
      counted[test.result]++;
    }
    expect(counted.acceptable).toBe(0);
    expect(counted.valid).toBeGreaterThan(60);
    expect(counted.invalid).toBeGreaterThan(50);
  });

  it('C10.1-3: a nonce of any other length is refused, whatever the label', () => {
    const others = groups.filter((group) => group.ivSize !== 96).flatMap((group) => group.tests);
    expect(others.length).toBeGreaterThan(60);
    for (const test of others) expect(open(test)).toBeUndefined();
  });

  it('C10.1-3: a valid vector with its tag cut to 15, 12, 8, 4 or 0 bytes is refused (B2)', () => {
    for (const test of groups.filter((group) => group.ivSize === 96).flatMap((group) => group.tests.filter((t) => t.result === 'valid'))) {
      for (const kept of [15, 12, 8, 4, 0]) expect(open({ ...test, tag: test.tag.slice(0, 2 * kept) })).toBeUndefined();
    }
  });

  it('our sealing gives the published ciphertexts and tags', () => {
    for (const test of groups.filter((group) => group.ivSize === 96).flatMap((group) => group.tests.filter((t) => t.result === 'valid'))) {
      expect(sealGcm(createSecretKey(hex(test.key)), hex(test.iv), hex(test.aad), hex(test.msg)).toString('hex')).toBe(test.ct + test.tag);
    }
  });
});

describeShared('Wycheproof HMAC-SHA-256', 'conformance/wycheproof/hmac_sha256_test.json', (path) => {
  const { testGroups, numberOfTests } = read<HmacGroup>(path);

  it('C10.1-3: full tags match as labelled, shortened ones never', () => {
    const counted = { asLabelled: 0, shortened: 0 };
    for (const { tagSize, tests } of testGroups) {
      for (const test of tests) {
        const matches = macMatches(hmacSha256(createSecretKey(hex(test.key)), hex(test.msg)), hex(test.tag));
        expect([test.tcId, matches]).toEqual([test.tcId, tagSize === 256 && test.result === 'valid']);
        counted[tagSize === 256 ? 'asLabelled' : 'shortened']++;
      }
    }
    expect(counted.asLabelled + counted.shortened).toBe(numberOfTests);
    expect(counted.asLabelled).toBeGreaterThan(80);
    expect(counted.shortened).toBeGreaterThan(80);
  });
});

describeShared('Wycheproof ECDSA P-256, r || s', 'conformance/wycheproof/ecdsa_secp256r1_sha256_p1363_test.json', (path) => {
  const { testGroups, numberOfTests } = read<EcdsaGroup>(path);

  it('C10.1-3: every signature verifies or is refused as labelled, but for valid ones with high S, which we refuse', () => {
    const counted = { asLabelled: 0, refusedForHighS: 0 };
    for (const { publicKeyDer, tests } of testGroups) {
      const key = createPublicKey({ key: hex(publicKeyDer), format: 'der', type: 'spki' });
      for (const test of tests) {
        const signature = hex(test.sig);
        const highS = test.result === 'valid' && !isLowS(signature);
        expect([test.tcId, verifySignature(hex(test.msg), signature, key)]).toEqual([test.tcId, test.result === 'valid' && !highS]);
        counted[highS ? 'refusedForHighS' : 'asLabelled']++;
      }
    }
    expect(counted.asLabelled + counted.refusedForHighS).toBe(numberOfTests);
    expect(counted.refusedForHighS).toBeGreaterThan(50);
    expect(counted.asLabelled).toBeGreaterThan(150);
  });
});
