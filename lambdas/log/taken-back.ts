import type { EventStore } from '../../platform/ports/event-store.ts';
import { encodeEntry, type LogEntry, takenBackEntry } from '../../protocol/log/entry.ts';
import { latestCheckpoint } from './checkpoints.ts';
import { LogFiles } from './log-files.ts';
import { markOf } from './markers.ts';
import { pendingPlace } from './places.ts';
import { type LogParts, Sequencer } from './sequencer.ts';

/**
 * After a restore: the log says of every stream that lost commits where it stands now. What was logged stays logged, for everybody to see, and what comes in the
 * places that are free again has a place of its own. Can be repeated.
 * @returns streams that were taken back, as they stand now
 */
export async function logTakenBack(log: LogParts, events: Pick<EventStore, 'latest'>): Promise<readonly LogEntry[]> {
  // What waits is of the time before, and its names would be given once more.
  await new Sequencer(log).run();
  const back: LogEntry[] = [];
  for (const [stream, version] of await lastLogged(log)) {
    const head = await events.latest(stream);
    if (version > head.version) back.push(head);
  }
  if (back.length > 0) {
    await log.objects.put(pendingPlace('0', '0'), Buffer.concat(back.map((head) => encodeEntry(takenBackEntry(head)))));
    await new Sequencer(log).run();
  }
  return back;
}

/** Version of the last commit of each stream that has a place. */
async function lastLogged({ objects, kms }: LogParts): Promise<ReadonlyMap<string, number>> {
  const last = new Map<string, number>();
  const { size } = (await latestCheckpoint(objects, kms)) ?? { size: 0 };
  for await (const entry of new LogFiles(objects).entries(0, size)) last.set(...markOf(entry));
  return last;
}
