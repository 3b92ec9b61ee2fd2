import { readFileSync } from 'node:fs';
import { encodeEntry, type LogEntry, takenBackEntry } from '../../protocol/log/entry.ts';
import { UsageError } from '../fail.ts';

/** Entries of the log that restores account for, by what they encode to. @throws UsageError for what is no receipt */
export function readReceipts(files: readonly string[]): ReadonlySet<string> {
  return new Set(files.flatMap(headsIn).map((head) => nameOf(takenBackEntry(head))));
}

export function nameOf(entry: LogEntry): string {
  return encodeEntry(entry).toString('base64');
}

/** Streams of one receipt, as they stood after the restore. @throws UsageError */
export function headsIn(file: string): readonly LogEntry[] {
  try {
    const { streams } = JSON.parse(readFileSync(file, 'utf8')) as { streams: { stream: string; version: number; hash: string }[] };
    return streams.map(({ stream, version, hash }) => ({ stream, version, hash: Buffer.from(hash, 'base64') }));
  } catch {
    throw new UsageError(`${file}: no receipt of a restore; it is the file taken-back.json that joulekeep restore wrote`);
  }
}
