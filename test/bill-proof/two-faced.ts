import { createCipheriv, randomBytes } from 'node:crypto';
import { encodeEvents } from '../../events/codec.ts';
import type { DomainEvent } from '../../events/index.ts';

/** One ciphertext and one tag that AES-256-GCM opens by either of two keys, each time to other events (GCM commits to no key). */
export interface TwoFaced {
  readonly keys: readonly [Buffer, Buffer];
  readonly envelope: Buffer;
  readonly body: Buffer;
  readonly tag: Buffer;
}

const R = 0xe1n << 120n;
const number = (block: Buffer): bigint => BigInt(`0x${block.toString('hex')}`);
const block = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(32, '0'), 'hex');

function times(x: bigint, y: bigint): bigint {
  let [z, v] = [0n, y];
  for (let i = 127n; i >= 0n; i--) {
    if ((x >> i) & 1n) z ^= v;
    v = v & 1n ? (v >> 1n) ^ R : v >> 1n;
  }
  return z;
}

function inverse(x: bigint): bigint {
  let [all, power] = [1n << 127n, x];
  for (let i = 1; i < 128; i++) {
    power = times(power, power);
    all = times(all, power);
  }
  return all;
}

const ecb = (key: Buffer, text: Buffer) => createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(text);
const stream = (key: Buffer, nonce: Buffer, length: number) =>
  createCipheriv('aes-256-ctr', key, Buffer.concat([nonce, Buffer.of(0, 0, 0, 2)])).update(Buffer.alloc(length));
const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16)]);

function tagOf(key: Buffer, nonce: Buffer, aad: Buffer, body: Buffer): bigint {
  const h = number(ecb(key, Buffer.alloc(16)));
  const lengths = Buffer.alloc(16);
  lengths.writeBigUInt64BE(BigInt(aad.length * 8), 0);
  lengths.writeBigUInt64BE(BigInt(body.length * 8), 8);
  const all = Buffer.concat([padded(aad), padded(body), lengths]);
  let sum = 0n;
  for (let at = 0; at < all.length; at += 16) sum = times(sum ^ number(all.subarray(at, at + 16)), h);
  return sum ^ number(ecb(key, Buffer.concat([nonce, Buffer.of(0, 0, 0, 1)])));
}

/** Array of three, array of three, a text whose length is in the next two bytes: one event to be passed over. */
const HEADER = Buffer.of(0x83, 0x83, 0x79);
/** Behind that text: schema 1, no data. */
const PASSED = Buffer.of(0x01, 0xf6);
const raw = (event: DomainEvent) => encodeEvents([event]).subarray(1);
const last = (length: number) => Buffer.of(0x83, 0x61, 0x78, 0x01, 0x59, length >> 8, length & 255);

/** Of events in a commit. */
export const FACE_EVENTS = 3;

/**
 * Each face has three events, of which the second is the one that is given: looked for by trying keys, some ten thousand.
 * @param envelopeOf the envelope of a commit with these keys
 */
export function twoFaced(nonce: Buffer, envelopeOf: (keys: TwoFaced['keys']) => Buffer, one: DomainEvent, other: DomainEvent): TwoFaced {
  const [first, second] = [raw(one), raw(other)];
  const start = HEADER.length + 2;
  const least = PASSED.length + first.length + 7;
  const seen = new Map<string, Buffer>();
  for (;;) {
    const key = randomBytes(32);
    const name = stream(key, nonce, 3).toString('hex');
    const before = seen.get(name);
    seen.set(name, key);
    if (before === undefined) continue;
    const keys = [before, key] as const;
    const [a, b] = keys.map((each) => stream(each, nonce, start)) as [Buffer, Buffer];
    const skip = a.readUInt16BE(3) ^ b.readUInt16BE(3);
    if (skip < least || skip > 30_000) continue;
    const content = start + skip + PASSED.length + second.length + 7;
    const total = Math.ceil(content / 16) * 16 + 16;
    const own = Buffer.concat([PASSED, first, last(total - start - least)]);
    const its = Buffer.concat([PASSED, second, last(total - content)]);
    const [ks, kt] = keys.map((each) => stream(each, nonce, total)) as [Buffer, Buffer];
    const body = Buffer.alloc(total);
    const lay = (bytes: Buffer, at: number, by: Buffer) => {
      for (const [i, byte] of bytes.entries()) body[at + i] = byte ^ by[at + i]!;
    };
    lay(Buffer.concat([HEADER, Buffer.of(0, 0)]), 0, ks);
    lay(own, start, ks);
    lay(its, start + skip, kt);
    const aad = envelopeOf(keys);
    const apart = tagOf(keys[0], nonce, aad, body) ^ tagOf(keys[1], nonce, aad, body);
    const [h, i] = keys.map((each) => number(ecb(each, Buffer.alloc(16)))) as [bigint, bigint];
    body.set(block(times(apart, inverse(times(h, h) ^ times(i, i)))), total - 16);
    return { keys, envelope: aad, body, tag: block(tagOf(keys[0], nonce, aad, body)) };
  }
}
