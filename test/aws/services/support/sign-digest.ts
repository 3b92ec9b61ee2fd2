import { generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Order of the P-256 group. */
export const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** ECDSA over a digest, which Node's own `sign` cannot. @returns r and s, either half */
export function signDigest(key: KeyObject, digest: Buffer): readonly [bigint, bigint] {
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const r = number(ephemeral.x!) % ORDER;
  const s =
    (inverse(number(ephemeral.d!)) * (BigInt(`0x${digest.toString('hex')}`) + r * number(key.export({ format: 'jwk' }).d!))) % ORDER;
  return [r, s];
}

/** SEQUENCE of two INTEGERs in their shortest form. */
export function derOf(...values: readonly bigint[]): Buffer {
  const integers = values.map((value) => {
    const hex = value.toString(16);
    const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
    const bytes = digits[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits;
    return Buffer.concat([Buffer.from([0x02, bytes.length]), bytes]);
  });
  const body = Buffer.concat(integers);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function number(base64url: string): bigint {
  return BigInt(`0x${Buffer.from(base64url, 'base64url').toString('hex')}`);
}

/** Fermat's, in a group of prime order. */
function inverse(of: bigint): bigint {
  let result = 1n;
  for (let base = of % ORDER, exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n, base = (base * base) % ORDER) {
    if (exponent & 1n) result = (result * base) % ORDER;
  }
  return result;
}
