import { createHash } from 'node:crypto';
import { chargedMicro } from '../../domain/billing/rating.ts';
import type { BillLine, BillStatement } from '../../events/index.ts';

/** What the receiver of a period's bills checks that it has all of them, unchanged. Sums are exact, as decimal texts. */
export interface ControlTotals {
  readonly bills: number;
  readonly importWh: string;
  readonly exportWh: string;
  /** By currency, the totals of all bills. */
  readonly totalMicro: Readonly<Record<string, string>>;
  /** Of these, what settles other bills: true-ups and credit. */
  readonly settlingMicro: Readonly<Record<string, string>>;
  /** SHA-256 of every bill, hex, sorted: one that changed by a unit has another. */
  readonly hashes: readonly string[];
  /** SHA-256 over the list, hex. */
  readonly digest: string;
}

export function controlTotals(statements: readonly BillStatement[]): ControlTotals {
  const hashes = statements.map(billHash).sort();
  const currencies = [...new Set(statements.map(({ currency }) => currency))].sort();
  const byCurrency = (amountOf: (statement: BillStatement) => bigint) =>
    Object.fromEntries(
      currencies.map((currency) => [currency, String(sum(statements.filter((one) => one.currency === currency).map(amountOf)))]),
    );
  return {
    bills: statements.length,
    importWh: String(sum(statements.map(({ importWh = '0' }) => BigInt(importWh)))),
    exportWh: String(sum(statements.map(({ exportWh = '0' }) => BigInt(exportWh)))),
    totalMicro: byCurrency(({ totalMicro }) => BigInt(totalMicro)),
    settlingMicro: byCurrency((statement) => BigInt(statement.totalMicro) - chargedMicro(statement)),
    hashes,
    digest: sha256(hashes.join('\n')),
  };
}

/** Over what the bill says, in an order of its own: a receiver can compute it from the fields it got. */
export function billHash({ period, currency, lines, totalMicro }: BillStatement): string {
  const { accountId, usagePoint, from, until } = period;
  return sha256([accountId, usagePoint, from, until, currency, ...lines.map(lineText), totalMicro].join('\n'));
}

function lineText({
  code,
  quantity,
  unit,
  priceMicro = '',
  amountMicro,
  remainder,
  corrects = '',
  from = '',
  until = '',
}: BillLine): string {
  return [code, quantity, unit, priceMicro, amountMicro, remainder, corrects, from, until].join(',');
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
