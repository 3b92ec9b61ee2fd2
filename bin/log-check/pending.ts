import { PENDING } from '../../lambdas/log/places.ts';
import { nameOf } from '../../lambdas/log/receipt.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import { type LogEntry, parseEntries } from '../../protocol/log/entry.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';

/** Names of what waits where the log takes it from, at its next turn. What is no entry there counts for nothing. To be read before the log: what has got its place by then is in it. */
export async function readPending(objects: Pick<ObjectStore, 'get' | 'list'>): Promise<ReadonlySet<string>> {
  const pending = new Set<string>();
  for (const key of await objects.list(PENDING)) for (const entry of entriesIn(await objects.get(key))) pending.add(nameOf(entry));
  return pending;
}

function entriesIn(bytes: Buffer | undefined): readonly LogEntry[] {
  try {
    return parseEntries(bytes ?? Buffer.alloc(0));
  } catch (error) {
    if (!(error instanceof ProtocolRefusal)) throw error;
    return [];
  }
}
