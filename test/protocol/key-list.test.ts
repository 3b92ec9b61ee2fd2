import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import { compactJws, jwsSigningInput } from '../../protocol/jws.ts';
import { keyListInput, keyThumbprint, openKeyList, pinnedKeys, pointOf, pointThumbprint, readKeyListOf } from '../../protocol/key-list.ts';
import { KEY_LIST_TYP, type KeyList, type ListedKey, readKeyList } from '../../protocol/portable/listed-keys.ts';

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [root, other] = [newKey(), newKey()];
const NBF = 1_800_000_000;
const listed = (key: KeyObject, over: Partial<ListedKey> = {}): ListedKey => ({
  kid: keyThumbprint(key),
  typ: 'joulekeep-price+jws',
  nbf: NBF,
  exp: NBF + 100,
  ...pointOf(key),
  ...over,
});
const first = listed(newKey().publicKey);
const LIST: KeyList = { version: 3, iat: NBF, minProgram: 2, keys: [first] };
const es256 = (input: Buffer, key: KeyObject) => compactJws(input, sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }));
const signed = (list: unknown, by = root) => es256(keyListInput(list as KeyList, root.publicKey), by.privateKey);
const opened = (compact: string) => openKeyList(compact, root.publicKey);

describe('a list of keys', () => {
  it('R9.2-2: opens under the root that signed it, and under no other', () => {
    expect(opened(signed(LIST))).toEqual(LIST);
    expect(opened(signed(LIST, other))).toBeUndefined();
    expect(openKeyList(signed(LIST), other.publicKey)).toBeUndefined();
    const elsewhere = jwsSigningInput({ kid: keyThumbprint(root.publicKey), typ: 'x+jws' }, Buffer.from(JSON.stringify(LIST)));
    expect(opened(es256(elsewhere, root.privateKey))).toBeUndefined();
  });

  it('is read again without its root once it was verified, and only what is a list', () => {
    expect(readKeyListOf(signed(LIST))).toEqual(LIST);
    expect(readKeyListOf(signed(LIST, other))).toEqual(LIST);
    expect(readKeyListOf('a.b')).toBeUndefined();
    expect(readKeyListOf(signed({ ...LIST, version: 0 }))).toBeUndefined();
    expect(KEY_LIST_TYP).toBe('joulekeep-keys+jws');
  });

  it('is none when a key has another name than its own', () => {
    const misnamed = listed(newKey().publicKey, { kid: first.kid });
    for (const keys of [[misnamed], [first, misnamed], [misnamed, first]]) {
      expect(opened(signed({ ...LIST, keys }))).toBeUndefined();
      expect(readKeyListOf(signed({ ...LIST, keys }))).toBeUndefined();
    }
    expect(opened(signed({ ...LIST, keys: [] }))).toEqual({ ...LIST, keys: [] });
  });

  it('pins those keys that are in force, from their first second to the one before their last', () => {
    const later = listed(newKey().publicKey, { nbf: NBF + 50, exp: NBF + 200, typ: 'joulekeep-tariff+jws' });
    const pinned = (at: number) => [...pinnedKeys({ ...LIST, keys: [first, later] }, at)].map(([kid, { typ }]) => [kid, typ]);
    const [one, two] = [
      [first.kid, first.typ],
      [later.kid, later.typ],
    ];
    expect([NBF - 1, NBF, NBF + 50, NBF + 99, NBF + 100, NBF + 199, NBF + 200].map(pinned)).toEqual([
      [],
      [one],
      [one, two],
      [one, two],
      [two],
      [two],
      [],
    ]);
    const { key } = pinnedKeys(LIST, NBF).get(first.kid)!;
    expect(pointOf(key)).toEqual({ x: first.x, y: first.y });
  });

  it('names a key as everybody does', async () => {
    expect(keyThumbprint(root.publicKey)).toBe(await calculateJwkThumbprint(root.publicKey.export({ format: 'jwk' })));
    expect(pointThumbprint(pointOf(root.publicKey))).toBe(keyThumbprint(root.publicKey));
    expect(pointOf(generateKeyPairSync('ed448').publicKey)).toMatchObject({ y: '' });
    expect(pointOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)).toEqual({ x: '', y: '' });
  });
});

describe('the shape of a list', () => {
  it('has 32 keys at most', () => {
    expect(readKeyList({ ...LIST, keys: Array(32).fill(first) })).toMatchObject({ version: 3 });
    expect(readKeyList({ ...LIST, keys: Array(33).fill(first) })).toBeUndefined();
  });

  it.each([
    ...[null, 7, 'list', []].map((list) => [list] as const),
    ...[0, -1, 1.5, '3', null].map((version) => [{ ...LIST, version }] as const),
    ...[-1, 0.5, '3', null].flatMap((count) => [[{ ...LIST, iat: count }] as const, [{ ...LIST, minProgram: count }] as const]),
    ...[null, {}, 'keys', [null], [7], [[]], [first, {}]].map((keys) => [{ ...LIST, keys }] as const),
  ])('is not that of %j', (list) => {
    expect(readKeyList(list)).toBeUndefined();
  });

  it.each([
    ...['kid', 'typ', 'nbf', 'exp', 'x', 'y'].map((name) => ({ [name]: null })),
    { nbf: -1 },
    { exp: 0.5 },
    { x: first.x.slice(1) },
    { x: [first.x] },
    { x: `${first.x}A` },
    { y: first.y.slice(1) },
    { y: `A${first.y}` },
    { y: `${first.y.slice(1)}+` },
  ])('is not that of a key with %j', (over) => {
    expect(readKeyList({ ...LIST, keys: [{ ...first, ...over }] })).toBeUndefined();
    expect(readKeyList({ ...LIST, iat: 0, minProgram: 0, version: 1, keys: [{ ...first, nbf: 0, exp: 0 }] })).toBeDefined();
  });
});
