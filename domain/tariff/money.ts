/**
 * An exact amount of micro-currency before its one rounding: numerator over a positive denominator.
 */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** @throws RangeError for a denominator that is not positive */
export function fraction(numerator: bigint, denominator: bigint): Fraction {
  if (denominator <= 0n) throw new RangeError(`denominator ${denominator}`);
  return { numerator, denominator };
}

export interface Rounded {
  /** The nearest whole; of two equally near, the even one. */
  readonly whole: bigint;
  /** Exact amount less the whole, in lowest terms, `numerator/denominator`. */
  readonly remainder: string;
}

/** ISO 4217: no currency. */
export const NO_CURRENCY = 'XXX';

/** The nearest whole; half to even, at any sign. */
export function nearestWhole({ numerator, denominator }: Fraction): bigint {
  const quotient = numerator / denominator;
  const rest = numerator - quotient * denominator;
  const twice = 2n * abs(rest);
  const away = rest < 0n ? -1n : 1n;
  const up = twice > denominator || (twice === denominator && quotient % 2n !== 0n);
  return up ? quotient + away : quotient;
}

/** The same, and what was taken away. */
export function roundHalfEven({ numerator, denominator }: Fraction): Rounded {
  const whole = nearestWhole({ numerator, denominator });
  const left = numerator - whole * denominator;
  const common = gcd(abs(left), denominator);
  return { whole, remainder: `${left / common}/${denominator / common}` };
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
