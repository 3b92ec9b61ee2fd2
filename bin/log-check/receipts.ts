import { readFileSync } from 'node:fs';
import { nameOf, parseReceipt } from '../../lambdas/log/receipt.ts';
import { type LogEntry, takenBackEntry } from '../../protocol/log/entry.ts';
import { UsageError } from '../terminal/fail.ts';

/** Entries of the log that restores account for, by what they encode to. @throws UsageError for what is no receipt */
export function readReceipts(files: readonly string[]): ReadonlySet<string> {
  return new Set(files.flatMap(headsIn).map((head) => nameOf(takenBackEntry(head))));
}

/** Streams of one receipt, as they stood after the restore. @throws UsageError */
export function headsIn(file: string): readonly LogEntry[] {
  const receipt = parseReceipt(readFileSync(file));
  if (receipt === undefined)
    throw new UsageError(`${file}: no receipt of a restore; it is the file taken-back.json that joulekeep restore wrote`);
  return receipt.streams;
}
