import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64url, toBase64url } from '../../protocol/portable/base64url.ts';
import { ES256, isSignedBy, JWS_LIMIT, readHeader, splitJws } from '../../protocol/portable/compact-jws.ts';
import { isCount, isRecord, jsonOf } from '../../protocol/portable/values.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const base64url = (text: string) => Buffer.from(text).toString('base64url');

describe('base64url', () => {
  it('is what the runtime writes, both ways', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url');
        expect(toBase64url(bytes)).toBe(text);
        expect(fromBase64url(text)).toEqual(bytes.length === 0 ? undefined : Uint8Array.from(bytes));
      }),
    );
    expect(toBase64url(Uint8Array.of(0xfb, 0xff, 0xfe, 0xfb, 0xff, 0xfe, 0xff))).toBe('-__--__-_w');
    expect(fromBase64url('-__--__-_w')).toEqual(Uint8Array.of(0xfb, 0xff, 0xfe, 0xfb, 0xff, 0xfe, 0xff));
  });

  it.each(['', 'A', 'AAAAA', 'AB', 'AAB', 'AA=', 'AA==', '+A', '/w', '\u00e4A', ' AA', 'AA\n', 'A\nA'])('%j is none', (text) => {
    expect(fromBase64url(text)).toBeUndefined();
  });
});

describe('parts of a compact JWS', () => {
  it('are three, in their one encoding each, and what the signature is over', () => {
    const compact = `${base64url('head')}.${base64url('body')}.${base64url('tail')}`;
    expect(splitJws(compact)).toEqual({
      header: utf8('head'),
      payload: utf8('body'),
      signature: utf8('tail'),
      signed: utf8(`${base64url('head')}.${base64url('body')}`),
    });
    for (const other of ['', '..', 'AA.AA', 'AA.AA.', '.AA.AA', 'AA..AA', 'AA.AA.AA.AA', 'AB.AA.AA', 'AA.AB.AA', 'AA.AA.AB', 'AA.AA.AA.'])
      expect([other, splitJws(other)]).toEqual([other, undefined]);
  });

  it('are not looked for in more characters than are allowed, a million where nothing is said', () => {
    const of = (length: number) => `AA.AA.${'A'.repeat(length - 6)}`;
    expect([splitJws(of(10), 10)?.signature.length, splitJws(of(10), 9)]).toEqual([3, undefined]);
    expect([JWS_LIMIT, splitJws(of(JWS_LIMIT + 2))]).toEqual([1_048_576, undefined]);
    expect(splitJws(of(JWS_LIMIT - 2))?.signature.length).toBe(786_426);
  });

  it('have a header of three members, in any order', () => {
    const header = (value: unknown) => readHeader(utf8(JSON.stringify(value)));
    expect(header({ typ: 't', kid: 'k', alg: 'ES256' })).toEqual({ alg: 'ES256', kid: 'k', typ: 't' });
    for (const value of [null, 7, 'ES256', true]) expect(header(value)).toEqual({ fault: 'malformed' });
    for (const value of [{}, [], { kid: 'k', typ: 't' }, { alg: 'none', kid: 7 }])
      expect(header(value)).toEqual({ fault: 'wrong-algorithm' });
    for (const over of [{ kid: 7 }, { typ: 7 }, { kid: undefined }, { typ: undefined }, { crit: [] }])
      expect(header({ alg: 'ES256', kid: 'k', typ: 't', ...over })).toEqual({ fault: 'malformed' });
    expect(readHeader(utf8('{'))).toEqual({ fault: 'malformed' });
  });

  it('are signed by the key that signed them and by no other', async () => {
    const pairs = [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ec', { namedCurve: 'P-256' })] as const;
    const [own, other] = await Promise.all(
      pairs.map(({ publicKey }) =>
        crypto.subtle.importKey('spki', Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' })), ES256, false, ['verify']),
      ),
    );
    const signed = Uint8Array.from(utf8('AA.AA'));
    const signature = Uint8Array.from(sign('sha256', signed, { key: pairs[0].privateKey, dsaEncoding: 'ieee-p1363' }));
    expect([await isSignedBy(own!, { signature, signed }), await isSignedBy(other!, { signature, signed })]).toEqual([true, false]);
    expect(await isSignedBy(own!, { signature, signed: Uint8Array.from(utf8('AA.AB')) })).toBe(false);
  });
});

describe('values of JSON', () => {
  it('a record is an object and no list', () => {
    expect([{}, { a: 1 }].map(isRecord)).toEqual([true, true]);
    expect([null, undefined, [], [1], 7, 'text', true].map(isRecord)).toEqual(Array(7).fill(false));
  });

  it('a count is a whole number that JSON holds exactly, from zero or what is said', () => {
    expect([0, 1, 2 ** 53 - 1].map((value) => isCount(value))).toEqual([true, true, true]);
    expect([-1, 0.5, 2 ** 53, Number.NaN, '1', null, undefined].map((value) => isCount(value))).toEqual(Array(7).fill(false));
    expect([0, 1, 2].map((value) => isCount(value, 1))).toEqual([false, true, true]);
  });

  it('are read from UTF-8 without a mark before it, and nothing is what is none', () => {
    expect(jsonOf(utf8('{"a":"\u00e4"}'))).toEqual({ a: '\u00e4' });
    expect(jsonOf(utf8('null'))).toBeNull();
    expect(jsonOf(Buffer.from('"\u00e4"', 'latin1'))).toBeUndefined();
    expect([utf8(''), utf8('{'), utf8('undefined'), Buffer.concat([Buffer.from('efbbbf', 'hex'), utf8('{}')])].map(jsonOf)).toEqual(
      Array(4).fill(undefined),
    );
  });
});
