import type { ObjectStore } from '../../platform/ports/platform.ts';
import type { LogHead } from '../../protocol/log/verification.ts';
import { isCount, isRecord, jsonOf } from '../../protocol/portable/values.ts';

/** How far the check is. A hint for what is looked at first, and the log of the last run, which has to be the beginning of today's. */
export interface CheckMark {
  /** The log as the last run found it. */
  readonly seen: LogHead;
  /** Entries from here on were never held against the store. */
  readonly from: number;
  /** The older bundle that comes next. */
  readonly round: number;
  /** Bundles in which something was found. */
  readonly open: readonly number[];
}

const MARK = 'log-check/mark';

/** Undefined where there is none, or none that can be read: then all of the log is gone through as if it were new. */
export async function readMark(objects: Pick<ObjectStore, 'get'>): Promise<CheckMark | undefined> {
  const told = jsonOf((await objects.get(MARK)) ?? Buffer.alloc(0));
  if (!isRecord(told)) return undefined;
  const { size, root, from, round, open } = told;
  const whole = isCount(size) && isCount(from) && from <= size && isCount(round) && typeof root === 'string';
  if (!whole || !Array.isArray(open) || !open.every((bundle) => isCount(bundle))) return undefined;
  return { seen: { size, root: Buffer.from(root, 'base64') }, from, round, open };
}

export async function putMark(objects: Pick<ObjectStore, 'put'>, { seen, from, round, open }: CheckMark): Promise<void> {
  await objects.put(MARK, Buffer.from(JSON.stringify({ size: seen.size, root: seen.root.toString('base64'), from, round, open })));
}
