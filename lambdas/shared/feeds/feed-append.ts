import { createHash } from 'node:crypto';
import type { FeedItemIssued } from '../../../events/index.ts';
import type { StreamHead } from '../../../platform/ports/event-store.ts';
import type { Platform } from '../../../platform/ports/platform.ts';

/**
 * Appends items to the stream of a feed, a commit each, so that whoever reads can begin at any of them; one is on its way while the
 * next is prepared. Resolves when all are on stable storage.
 * @throws VersionConflict when somebody else has issued meanwhile
 */
export async function appendItems({ events }: Pick<Platform, 'events'>, from: StreamHead, items: readonly FeedItemIssued[]): Promise<void> {
  if (items.length === 0) return;
  // Brings the key to memory; where the stream stands `from` says.
  await events.head(from.stream);
  const durable: Promise<unknown>[] = [];
  let head = from;
  for (const data of items) {
    const commitId = createHash('sha256').update(`${head.stream}\0${head.version}\0${data.hash}`).digest();
    const appended = events.append(head, { commitId, events: [{ type: 'FeedItemIssued', data }] });
    durable.push(appended.durable);
    head = appended.head;
  }
  const outcomes = await Promise.allSettled(durable);
  const lost = outcomes.find((outcome) => outcome.status === 'rejected');
  if (lost !== undefined) throw lost.reason;
}
