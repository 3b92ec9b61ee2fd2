import { describe, expect, it } from 'vitest';
import { freshNonce, NONCE_BYTES } from '../../platform/store/nonce.ts';

describe('a nonce', () => {
  it('has 12 bytes and is never handed out again, across many draws', () => {
    const handed = Array.from({ length: 5_000 }, freshNonce);
    expect(handed.every(({ length }) => length === NONCE_BYTES)).toBe(true);
    expect(new Set(handed.map((nonce) => nonce.toString('hex'))).size).toBe(handed.length);
  });

  it('shares no byte with another', () => {
    const [first, second] = [freshNonce(), freshNonce()];
    const before = second.toString('hex');
    first.fill(0);
    expect(second.toString('hex')).toBe(before);
  });
});
