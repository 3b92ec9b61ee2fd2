import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect } from 'vitest';
import { type Signer, signerOf } from '../../protocol/cose.ts';
import type { FrameHeader, GenerationKeys } from '../../protocol/frame.ts';
import { ProtocolRefusal, type RefusalCode } from '../../protocol/refusal.ts';

export const METER_A = '00124b00060d7a11';
export const METER_B = '00124b00060d7a12';

export const bytesOf = (length: number, first = 1): Buffer => Buffer.from(Array.from({ length }, (_, i) => (first + i) & 0xff));

export const keysOf = (fill: number): GenerationKeys => ({ key: createSecretKey(Buffer.alloc(32, fill)), iv: bytesOf(12, fill) });

export const headerOf = (over: Partial<FrameHeader> = {}): FrameHeader => ({
  meterId: METER_A,
  epoch: 258,
  generation: 3,
  salt: 0xdeadbeef,
  counter: 0x01_0203_0405,
  ...over,
});

export function identity(): { sign: Signer; publicKey: KeyObject; privateKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return { sign: signerOf(privateKey), publicKey, privateKey };
}

/** Refused with this code, and nothing said outward but the code. @returns the reason on record */
export function refusal(code: RefusalCode, attempt: () => unknown): string {
  let thrown: unknown;
  try {
    attempt();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ProtocolRefusal);
  const refused = thrown as ProtocolRefusal;
  expect([refused.name, refused.code, refused.message]).toEqual(['ProtocolRefusal', code, code]);
  expect(JSON.stringify(refused)).not.toContain(refused.reason);
  return refused.reason;
}

/** Every way to flip one bit. */
export function* flips(bytes: Buffer): Generator<{ bit: number; flipped: Buffer }> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    yield { bit, flipped };
  }
}
