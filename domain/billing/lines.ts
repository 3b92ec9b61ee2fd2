import type { BillLine } from '../../events/index.ts';
import { type Fraction, fraction, roundHalfEven } from '../tariff/money.ts';

/** A line with what the bill itself doesn't print: the group its tax is taken from. */
export interface ChargeLine {
  readonly line: BillLine;
  readonly taxGroup?: string;
}

interface LineTerms {
  readonly code: string;
  readonly quantity: bigint;
  readonly unit: BillLine['unit'];
  readonly priceMicro?: bigint;
  /** Micro-currency before its one rounding. */
  readonly exact: Fraction;
  readonly corrects?: string;
  readonly taxGroup?: string | undefined;
}

/** The one place where money is rounded: half to even, what was taken away is kept beside it. */
export function chargeLine({ code, quantity, unit, priceMicro, exact, corrects, taxGroup }: LineTerms): ChargeLine {
  const { whole, remainder } = roundHalfEven(exact);
  const line: BillLine = {
    code,
    quantity: String(quantity),
    unit,
    ...(priceMicro === undefined ? {} : { priceMicro: String(priceMicro) }),
    amountMicro: String(whole),
    remainder,
    ...(corrects === undefined ? {} : { corrects }),
  };
  return taxGroup === undefined ? { line } : { line, taxGroup };
}

/** Price per kWh, kW, kVA or kvarh times a quantity in Wh, W, VA or varh. */
export function perThousand(quantityTimesPrice: bigint): Fraction {
  return fraction(quantityTimesPrice, 1000n);
}

export function whole(amountMicro: bigint): Fraction {
  return fraction(amountMicro, 1n);
}

export function sumOfLines(lines: readonly BillLine[]): bigint {
  return lines.reduce((sum, { amountMicro }) => sum + BigInt(amountMicro), 0n);
}
