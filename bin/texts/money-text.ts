const DECIMALS = 6;

/** Micro-currency in units of the currency, to the last digit: `-1234567` is `-1.234567`. */
export function moneyText(micro: string | bigint): string {
  const text = String(micro);
  const digits = text.replace('-', '').padStart(DECIMALS + 1, '0');
  return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

/** A difference in units of the currency, always with its sign. */
export function differenceText(beforeMicro: string, afterMicro: string): string {
  const difference = BigInt(afterMicro) - BigInt(beforeMicro);
  return `${difference < 0n ? '' : '+'}${moneyText(difference)}`;
}
