import { encodeEntry, type LogEntry } from '../../protocol/log/entry.ts';
import { isCount, isRecord, jsonOf } from '../../protocol/portable/values.ts';

/** Receipts lie under this: for people to fetch, and for the check of the store. */
export const RESTORES = 'restores/';

/** @param at when the store was put back, UTC ms */
export function receiptPlace(at: number): string {
  return `${RESTORES}${new Date(at).toISOString().replaceAll(':', '-')}.json`;
}

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

/** What such a file says; undefined for what is none. */
export function parseReceipt(bytes: Buffer): Receipt | undefined {
  const told = jsonOf(bytes);
  if (!isRecord(told) || !isCount(told['takenAt']) || !isCount(told['restoredAt']) || !Array.isArray(told['streams'])) return undefined;
  const streams = told['streams'].map(headIn);
  if (!streams.every((head) => head !== undefined)) return undefined;
  return { takenAt: told['takenAt'], restoredAt: told['restoredAt'], streams };
}

function headIn(told: unknown): LogEntry | undefined {
  const { stream, version, hash } = isRecord(told) ? told : {};
  if (typeof stream !== 'string' || !isCount(version, -1) || typeof hash !== 'string') return undefined;
  return { stream, version, hash: Buffer.from(hash, 'base64') };
}

/** Tells entries of the log apart. */
export function nameOf(entry: LogEntry): string {
  return encodeEntry(entry).toString('base64');
}
