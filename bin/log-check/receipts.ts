import { readFileSync } from 'node:fs';
import { nameOf, parseReceipt, type Receipt } from '../../lambdas/log/receipt.ts';
import { takenBackEntry } from '../../protocol/log/entry.ts';
import { UsageError } from '../fail.ts';

/** Entries of the log that restores account for, by what they encode to. @throws UsageError for what is no receipt */
export function readReceipts(files: readonly string[]): ReadonlySet<string> {
  return new Set(files.flatMap((file) => readReceipt(file).streams).map((head) => nameOf(takenBackEntry(head))));
}

function readReceipt(file: string): Receipt {
  const receipt = parseReceipt(readFileSync(file));
  if (receipt === undefined)
    throw new UsageError(`${file}: no receipt of a restore; it is the file taken-back.json that joulekeep restore wrote`);
  return receipt;
}
