import { PENDING } from '../../lambdas/log/places.ts';
import { nameOf } from '../../lambdas/log/receipt.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import { entriesIn } from './entries-in.ts';

/** Names of what waits where the log takes it from, at its next turn. What is no entry there counts for nothing. To be read before the log: what has got its place by then is in it. */
export async function readPending(objects: Pick<ObjectStore, 'get' | 'list'>): Promise<ReadonlySet<string>> {
  const pending = new Set<string>();
  for (const key of await objects.list(PENDING)) {
    const entries = entriesIn((await objects.get(key)) ?? Buffer.alloc(0)) ?? [];
    for (const entry of entries) pending.add(nameOf(entry));
  }
  return pending;
}
