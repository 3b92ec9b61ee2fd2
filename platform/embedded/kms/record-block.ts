import { createHmac, type KeyObject } from 'node:crypto';
import type { KmsCall } from '../../ports/kms-record.ts';

/**
 * A line of the record: what was asked within one turn of the event loop, or that the record was opened or closed. Each names the mark of the
 * line before and carries its own, which only the key service can make.
 */
export interface RecordBlock {
  /** Lines of the record have successive numbers, over all its files. */
  readonly number: number;
  /** Mark of the line before; empty for the first one of all. */
  readonly before: string;
  /** UTC ms. */
  readonly at: number;
  readonly event: 'opened' | 'called' | 'closed';
  readonly calls: readonly KmsCall[];
}

/** Where the record stands. */
export interface RecordHead {
  readonly number: number;
  readonly mark: string;
}

export const NO_HEAD: RecordHead = { number: -1, mark: '' };

export function blockLine(key: KeyObject, block: RecordBlock): { readonly line: string; readonly head: RecordHead } {
  const { number, before, at, event, calls } = block;
  const text = JSON.stringify([number, before, at, event, calls.map(compact)]);
  const mark = markOf(key, text);
  return { line: `${mark} ${text}\n`, head: { number, mark } };
}

/** @returns undefined for what the key service did not write */
export function readLine(key: KeyObject, line: string): { readonly block: RecordBlock; readonly head: RecordHead } | undefined {
  const space = line.indexOf(' ');
  const mark = line.slice(0, Math.max(space, 0));
  const text = line.slice(space + 1);
  if (mark === '' || mark !== markOf(key, text)) return undefined;
  const [number, before, at, event, calls] = JSON.parse(text) as [number, string, number, RecordBlock['event'], Compact[]];
  return { block: { number, before, at, event, calls: calls.map(spread) }, head: { number, mark } };
}

type Compact = readonly [at: number, principal: string, operation: string, keyId: string, outcome: string, context?: KmsCall['context']];

function compact({ at, principal, operation, keyId, outcome, context }: KmsCall): Compact {
  return context === undefined ? [at, principal, operation, keyId, outcome] : [at, principal, operation, keyId, outcome, context];
}

function spread([at, principal, operation, keyId, outcome, context]: Compact): KmsCall {
  return { at, principal, operation, keyId, outcome, ...(context === undefined ? {} : { context }) };
}

function markOf(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
