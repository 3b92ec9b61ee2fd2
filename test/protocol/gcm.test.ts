import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encStructure, openChecked, openGcm, sealGcm } from '../../protocol/gcm.ts';
import { bytesOf, flips } from './support.ts';

const [nonce, aad, plaintext] = [bytesOf(12), bytesOf(20, 50), bytesOf(40, 90)];
const keyOf = (length: number) => createSecretKey(bytesOf(length, 7));
const partsOf = (sealed: Buffer) => [sealed.subarray(0, -16), sealed.subarray(-16)] as const;

describe('AES-GCM', () => {
  it('gives the published value under a key of 256 bits', () => {
    // NIST's test case 14 of the GCM specification.
    const sealed = sealGcm(createSecretKey(Buffer.alloc(32)), Buffer.alloc(12), Buffer.alloc(0), Buffer.alloc(16));
    expect(sealed.toString('hex')).toBe('cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919');
  });

  it.each([16, 24, 32])('opens what was sealed under a key of %i bytes, and under no other', (length) => {
    const sealed = sealGcm(keyOf(length), nonce, aad, plaintext);
    const [ciphertext, tag] = partsOf(sealed);
    expect(sealed.length).toBe(plaintext.length + 16);
    expect(openGcm(keyOf(length), nonce, aad, ciphertext, tag)).toEqual(plaintext);
    for (const other of [16, 24, 32].filter((bytes) => bytes !== length))
      expect(openGcm(keyOf(other), nonce, aad, ciphertext, tag)).toBeUndefined();
  });

  it.each([8, 15, 31, 33, 64])('knows no key of %i bytes', (length) => {
    expect(() => sealGcm(keyOf(length), nonce, aad, plaintext)).toThrow(RangeError);
    expect(() => openGcm(keyOf(length), nonce, aad, plaintext, bytesOf(16))).toThrow(RangeError);
  });

  it('C10.1-3: opens nothing with a bit flipped anywhere', () => {
    const key = keyOf(32);
    const [ciphertext, tag] = partsOf(sealGcm(key, nonce, aad, plaintext));
    for (const { flipped } of flips(nonce)) expect(openGcm(key, flipped, aad, ciphertext, tag)).toBeUndefined();
    for (const { flipped } of flips(aad)) expect(openGcm(key, nonce, flipped, ciphertext, tag)).toBeUndefined();
    for (const { flipped } of flips(ciphertext)) expect(openGcm(key, nonce, aad, flipped, tag)).toBeUndefined();
    for (const { flipped } of flips(tag)) expect(openGcm(key, nonce, aad, ciphertext, flipped)).toBeUndefined();
  });

  it('C10.1-3: takes no shorter tag, even where nobody counted its bytes, and no other nonce', () => {
    const key = keyOf(32);
    const [ciphertext, tag] = partsOf(sealGcm(key, nonce, aad, plaintext));
    for (const length of [0, 4, 12, 15]) {
      expect(openGcm(key, nonce, aad, ciphertext, tag.subarray(0, length))).toBeUndefined();
      expect(() => openChecked('aes-256-gcm', key, nonce, aad, ciphertext, tag.subarray(0, length))).toThrow();
    }
    for (const other of [bytesOf(11), bytesOf(13), bytesOf(0)]) expect(openGcm(key, other, aad, ciphertext, tag)).toBeUndefined();
    expect(openGcm(key, nonce, aad, ciphertext, Buffer.concat([tag, Buffer.of(0)]))).toBeUndefined();
  });

  it('covers the structure that COSE says', () => {
    const structure = encStructure('Encrypt0', Buffer.from('a0', 'hex'), Buffer.from('x'));
    expect(structure.toString('hex')).toBe(`8368${Buffer.from('Encrypt0').toString('hex')}41a04178`);
  });
});
