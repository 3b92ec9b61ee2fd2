import type { LogEntry } from '../../protocol/log/entry.ts';

/** What a restore took away, as the one who ran it keeps it. */
export interface Receipt {
  /** Moment that was put back, and when it was, UTC ms. */
  readonly takenAt: number;
  readonly restoredAt: number;
  /** Streams as they stood after it; version -1 for those that had nothing left. */
  readonly streams: readonly LogEntry[];
}

/** As a file for `joulekeep verify --restored`. */
export function receiptOf({ streams, ...times }: Receipt): string {
  const told = streams.map(({ stream, version, hash }) => ({ stream, version, hash: hash.toString('base64') }));
  return `${JSON.stringify({ ...times, streams: told }, null, 2)}\n`;
}
