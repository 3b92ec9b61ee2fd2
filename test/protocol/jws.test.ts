import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { CompactSign, compactVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { compactJws, jwsHash, jwsSigningInput, type PinnedKey, parseJws, verifyJws } from '../../protocol/jws.ts';
import { JWS_LIMIT } from '../../protocol/portable/compact-jws.ts';

const TYP = 'test+jws';
const KID = 'key-1';
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keys: ReadonlyMap<string, PinnedKey> = new Map([[KID, { key: pair.publicKey, typ: TYP }]]);
const payload = Buffer.from('{"priceMicroPerKWh":"284560"}');

function made(over: { readonly kid?: string; readonly typ?: string; readonly key?: KeyObject; readonly body?: Buffer } = {}): string {
  const { kid = KID, typ = TYP, key = pair.privateKey, body = payload } = over;
  const input = jwsSigningInput({ kid, typ }, body);
  return compactJws(input, sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }));
}
const faultOf = (compact: string) => {
  const verified = verifyJws(compact, keys, TYP);
  return 'fault' in verified ? verified.fault : undefined;
};
const withHeader = (header: unknown) =>
  [Buffer.from(JSON.stringify(header)).toString('base64url'), ...made().split('.').slice(1)].join('.');

describe('compact JWS', () => {
  it('verifies by a second implementation, and takes what that signed', async () => {
    const verified = await compactVerify(made(), pair.publicKey, { algorithms: ['ES256'] });
    expect(Buffer.from(verified.payload)).toEqual(payload);
    const theirs = await new CompactSign(payload).setProtectedHeader({ alg: 'ES256', kid: KID, typ: TYP }).sign(pair.privateKey);
    expect(verifyJws(theirs, keys, TYP)).toMatchObject({ header: { kid: KID, typ: TYP }, payload });
  });

  it('of any payload comes back as it was signed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        if (bytes.length === 0) return;
        const verified = verifyJws(made({ body: Buffer.from(bytes) }), keys, TYP);
        expect('fault' in verified ? verified.fault : verified.payload).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 50 },
    );
  });

  it('changed in any character is refused, and so is every piece of it', () => {
    const compact = made();
    for (let at = 0; at < compact.length; at++) {
      const other = compact[at] === 'A' ? 'B' : 'A';
      expect(faultOf(compact.slice(0, at) + other + compact.slice(at + 1)), `at ${at}`).toBeDefined();
      expect(faultOf(compact.slice(0, at)), `cut at ${at}`).toBeDefined();
    }
    expect(faultOf(compact)).toBeUndefined();
  });

  it('names another algorithm: refused before a key is looked at', async () => {
    for (const alg of ['none', 'HS256', 'ES384', 'RS256', 'es256', 'ES256K', '', null, 1])
      expect(faultOf(withHeader({ alg, kid: KID, typ: TYP })), String(alg)).toBe('wrong-algorithm');
    const secret = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const confused = await new SignJWT({ price: 1 }).setProtectedHeader({ alg: 'HS256', kid: KID, typ: TYP }).sign(Buffer.from(secret));
    expect(faultOf(confused)).toBe('wrong-algorithm');
    const p384 = createPrivateKey(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const es384 = await new CompactSign(payload).setProtectedHeader({ alg: 'ES384', kid: KID, typ: TYP }).sign(p384);
    expect(faultOf(es384)).toBe('wrong-algorithm');
  });

  it('that brings a key, a URL or an extension of its own is no JWS of ours', () => {
    const jwk = pair.publicKey.export({ format: 'jwk' });
    for (const extra of [{ jwk }, { jku: 'https://evil.example/keys' }, { x5c: [] }, { crit: ['exp'] }, { b64: false }, { zip: 'DEF' }])
      expect(faultOf(withHeader({ alg: 'ES256', kid: KID, typ: TYP, ...extra }))).toBe('malformed');
  });

  it('of an unknown key, of a key for something else, or of another signer is refused', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(faultOf(made({ kid: 'key-2' }))).toBe('unknown-key');
    expect(faultOf(made({ kid: '../../etc/passwd' }))).toBe('unknown-key');
    expect(faultOf(made({ typ: 'other+jws' }))).toBe('wrong-purpose');
    expect(faultOf(made({ key: other.privateKey }))).toBe('wrong-signature');
    const ofOther: ReadonlyMap<string, PinnedKey> = new Map([[KID, { key: pair.publicKey, typ: 'other+jws' }]]);
    expect(verifyJws(made(), ofOther, TYP)).toEqual({ fault: 'wrong-purpose' });
  });

  it('is not made of a signature of another length', () => {
    for (const length of [0, 63, 65]) expect(() => compactJws(Buffer.from('a.b'), Buffer.alloc(length))).toThrow(RangeError);
  });

  it('of a header that is no object, or lacks a name, is malformed', () => {
    for (const header of [null, 'ES256', 7, { alg: 'ES256', typ: TYP }, { alg: 'ES256', kid: KID }, { alg: 'ES256', kid: 7, typ: TYP }])
      expect(faultOf(withHeader(header)), JSON.stringify(header)).toBe('malformed');
    expect(faultOf(withHeader([]))).toBe('wrong-algorithm');
  });

  it('with spare bits, padding, space or too many parts has another text, and only one counts', () => {
    const compact = made();
    const [head, body, tail] = compact.split('.') as [string, string, string];
    for (const text of [
      `${compact}=`,
      ` ${compact}`,
      `${compact}\n`,
      `${compact}.`,
      `${head}..${tail}`,
      `${head}.${body}.${tail}A`,
      '..',
      '',
    ])
      expect(faultOf(text), text).toBe('malformed');
    const spare = tail.slice(0, -1) + String.fromCharCode(tail.charCodeAt(tail.length - 1) + 1);
    expect(['malformed', 'wrong-signature']).toContain(faultOf(`${head}.${body}.${spare}`));
    expect(parseJws('a'.repeat(JWS_LIMIT + 1))).toEqual({ fault: 'malformed' });
    const longest = made({ body: Buffer.alloc(Math.floor(((JWS_LIMIT - head.length - 88) * 3) / 4), 65) });
    expect([longest.length, faultOf(longest)]).toEqual([JWS_LIMIT, undefined]);
    const longer = made({ body: Buffer.alloc(Math.floor(((JWS_LIMIT - head.length - 88) * 3) / 4) + 1, 65) });
    expect([longer.length > JWS_LIMIT, faultOf(longer)]).toEqual([true, 'malformed']);
    for (const length of [63, 65])
      expect(faultOf(`${head}.${body}.${Buffer.alloc(length, 1).toString('base64url')}`), `${length} bytes`).toBe('malformed');
    expect(jwsHash(compact)).toMatch(/^[\w-]{43}$/);
    expect(jwsHash(compact)).not.toBe(jwsHash(`${compact}A`));
  });
});
