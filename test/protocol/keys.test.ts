import { createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hkdfExpand, hkdfExtract } from '../../protocol/hkdf.ts';
import {
  agreeEpochSecret,
  confirms,
  EPOCH,
  epochKeys,
  generationBytes,
  generationKeys,
  generationOf,
  LABELS,
  macDownOf,
  nextChain,
} from '../../protocol/keys.ts';
import { bytesOf } from './support.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

/** RFC 5869 appendix A, the SHA-256 cases. */
const RFC_5869 = [
  {
    ikm: '0b'.repeat(22),
    salt: '000102030405060708090a0b0c',
    info: 'f0f1f2f3f4f5f6f7f8f9',
    length: 42,
    prk: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    ikm: bytesOf(80, 0x00).toString('hex'),
    salt: bytesOf(80, 0x60).toString('hex'),
    info: bytesOf(80, 0xb0).toString('hex'),
    length: 82,
    prk: '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
    okm: 'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
  {
    ikm: '0b'.repeat(22),
    salt: '',
    info: '',
    length: 42,
    prk: '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
];

describe('HKDF', () => {
  it.each(RFC_5869)('extract and expand give the published values, $length bytes', ({ ikm, salt, info, length, prk, okm }) => {
    expect(hkdfExtract(hex(salt), hex(ikm)).toString('hex')).toBe(prk);
    expect(hkdfExpand(hex(prk), hex(info), length).toString('hex')).toBe(okm);
  });

  it('agrees with the extract-and-expand of the runtime', () => {
    const any = fc.uint8Array({ minLength: 1, maxLength: 100 }).map((b) => Buffer.from(b));
    fc.assert(
      fc.property(any, any, any, fc.integer({ min: 1, max: 200 }), (ikm, salt, info, length) => {
        expect(hkdfExpand(hkdfExtract(salt, ikm), info, length)).toEqual(Buffer.from(hkdfSync('sha256', ikm, salt, info, length)));
      }),
    );
  });

  it('expands to 255 hashes at most, whole or in part', () => {
    const whole = hkdfExpand(bytesOf(32), bytesOf(3), 8160);
    const first = createHmac('sha256', bytesOf(32)).update(bytesOf(3)).update(Buffer.of(1)).digest();
    expect([whole.length, whole.subarray(0, 32)]).toEqual([8160, first]);
    expect(new Set(Array.from({ length: 255 }, (_, i) => whole.toString('hex', 32 * i, 32 * i + 32))).size).toBe(255);
    for (const length of [1, 31, 32, 33, 64]) expect(hkdfExpand(bytesOf(32), bytesOf(3), length)).toEqual(whole.subarray(0, length));
  });

  it.each([0, -1, 1.5, 8161])('refuses a length of %d', (length) => {
    expect(() => hkdfExpand(bytesOf(32), bytesOf(1), length)).toThrow(RangeError);
  });
});

describe('ladder', () => {
  const secret = agreeEpochSecret(bytesOf(50), bytesOf(60), bytesOf(32, 1), bytesOf(32, 2));

  it('no label is used twice, and none is the beginning of another', () => {
    const labels = Object.values(LABELS);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(labels.filter((other) => other.startsWith(label))).toEqual([label]);
  });

  it('every output differs from every other', () => {
    const { chain0, macDown, confirmation } = epochKeys(secret);
    const generations = Array.from({ length: EPOCH.maxGeneration + 1 }, (_, day) => generationOf(chain0, day));
    const outputs = [secret, chain0, macDown.export(), confirmation, ...generations.flatMap(({ key, iv }) => [key.export(), iv])];
    expect(new Set(outputs.map((output) => output.toString('hex'))).size).toBe(outputs.length);
  });

  it('a generation is reached by ratcheting day by day, and only within the epoch', () => {
    let chain = epochKeys(secret).chain0;
    for (let day = 0; day <= EPOCH.maxGeneration; day++) {
      const ratcheted = generationKeys(chain);
      const derived = generationOf(epochKeys(secret).chain0, day);
      expect([derived.key.export(), derived.iv]).toEqual([ratcheted.key.export(), ratcheted.iv]);
      expect(generationBytes(epochKeys(secret).chain0, day)).toEqual({ key: ratcheted.key.export(), iv: ratcheted.iv });
      chain = nextChain(chain);
    }
    for (const day of [-1, 14, 0.5, 255]) {
      expect(() => generationOf(chain, day)).toThrow(RangeError);
      expect(() => generationBytes(chain, day)).toThrow(RangeError);
    }
    expect(macDownOf(secret).export()).toEqual(epochKeys(secret).macDown.export());
  });

  it('every input decides: a bit of either message or either agreement makes another epoch', () => {
    const inputs = [bytesOf(50), bytesOf(60), bytesOf(32, 1), bytesOf(32, 2)] as const;
    for (const [i, input] of inputs.entries()) {
      const changed = inputs.map((bytes) => Buffer.from(bytes)) as [Buffer, Buffer, Buffer, Buffer];
      changed[i]![input.length - 1]! ^= 1;
      expect(agreeEpochSecret(...changed).equals(secret)).toBe(false);
    }
    expect(agreeEpochSecret(inputs[1], inputs[0], inputs[2], inputs[3]).equals(secret)).toBe(false);
    expect(agreeEpochSecret(inputs[0], inputs[1], inputs[3], inputs[2]).equals(secret)).toBe(false);
  });

  it('the boundary between the messages is part of the transcript', () => {
    const moved = agreeEpochSecret(bytesOf(51), bytesOf(110).subarray(51), bytesOf(32, 1), bytesOf(32, 2));
    const straight = agreeEpochSecret(bytesOf(50), bytesOf(110).subarray(50), bytesOf(32, 1), bytesOf(32, 2));
    expect(moved.equals(straight)).toBe(false);
  });

  it('secrets of another length are no secrets', () => {
    for (const length of [0, 31, 33]) {
      expect(() => agreeEpochSecret(bytesOf(1), bytesOf(1), bytesOf(length), bytesOf(32))).toThrow(RangeError);
      expect(() => agreeEpochSecret(bytesOf(1), bytesOf(1), bytesOf(32), bytesOf(length))).toThrow(RangeError);
      expect(() => epochKeys(bytesOf(length))).toThrow(RangeError);
    }
  });

  it('C10.1-3: only the first 16 bytes of this epoch confirm it', () => {
    const epoch = epochKeys(secret);
    const right = epoch.confirmation.subarray(0, 16);
    const wrong = Buffer.from(right);
    wrong[15]! ^= 1;
    expect(confirms(epoch, Buffer.from(right))).toBe(true);
    for (const claim of [wrong, epoch.confirmation, right.subarray(0, 15), Buffer.alloc(0), Buffer.alloc(16)])
      expect(confirms(epoch, claim)).toBe(false);
    expect(confirms(epochKeys(bytesOf(32, 9)), right)).toBe(false);
  });
});
