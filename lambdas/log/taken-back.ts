import type { EventStore } from '../../platform/ports/event-store.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import { encodeEntry, type LogEntry, takenBackEntry } from '../../protocol/log/entry.ts';
import { checkpointSizes, latestCheckpoint, readCheckpoint, sizeSignedBy } from './checkpoints.ts';
import { LogFiles } from './log-files.ts';
import { markOf } from './markers.ts';
import { checkpointPlace, pendingPlace } from './places.ts';
import { type LogParts, Sequencer } from './sequencer.ts';

/** What was recorded at a moment is in the log before a checkpoint that is so much younger, ms. */
const LOGGED_WITHIN_MS = 600_000;
/** Entries of one object that waits. */
const PIECE = 1_000;

/**
 * After a restore: the log says of every stream that lost commits where it stands now. What was logged stays logged, for everybody to see, and what comes in the
 * places that are free again has a place of its own. Can be repeated. Before anything is recorded again: a stream that has grown since is not found.
 * @param keep takes the receipt before the log says anything: what it says and no receipt accounts for is a finding
 * @returns streams that were taken back, as they stand now
 */
export async function logTakenBack(
  log: LogParts,
  events: Pick<EventStore, 'latest'>,
  keep: (back: readonly LogEntry[]) => Promise<void>,
): Promise<readonly LogEntry[]> {
  // What waits is of the time before, and its names would be given once more.
  await new Sequencer(log).run();
  const back = await takenBack(log, events);
  await keep(back);
  if (back.length > 0) {
    await putTakenBack(log.objects, back);
    await new Sequencer(log).run();
  }
  return back;
}

/**
 * Streams that are shorter than the log says, as they stand now. Nothing may wait for its place in the log, and nothing be recorded meanwhile.
 * @param since what was recorded up to then is there, UTC ms; of the log only what is younger is read
 */
export async function takenBack(
  log: Pick<LogParts, 'objects' | 'kms'>,
  events: Pick<EventStore, 'latest'>,
  since = 0,
): Promise<readonly LogEntry[]> {
  const back: LogEntry[] = [];
  for (const [stream, version] of await lastLogged(log, since)) {
    const head = await events.latest(stream);
    if (version > head.version) back.push(head);
  }
  return back;
}

/** Lets them wait for their places in the log, before everything that the change stream tells. */
export async function putTakenBack(objects: Pick<ObjectStore, 'put'>, back: readonly LogEntry[]): Promise<void> {
  for (let from = 0; from < back.length; from += PIECE) {
    const entries = back.slice(from, from + PIECE).map((head) => encodeEntry(takenBackEntry(head)));
    await objects.put(pendingPlace('0', String(from)), Buffer.concat(entries));
  }
}

/** Version of the last commit of each stream that has a place behind the moment. */
async function lastLogged({ objects, kms }: Pick<LogParts, 'objects' | 'kms'>, since: number): Promise<ReadonlyMap<string, number>> {
  const last = new Map<string, number>();
  const { size } = (await latestCheckpoint(objects, kms)) ?? { size: 0 };
  const from = since === 0 ? 0 : await sizeAt({ objects, kms }, since - LOGGED_WITHIN_MS);
  for await (const entry of new LogFiles(objects).entries(from, size)) last.set(...markOf(entry));
  return last;
}

/** How many entries the log had at a moment, or a little fewer: those of the last checkpoint before it. @throws ProtocolRefusal ERR_LOG_REFUSED */
export async function sizeAt({ objects, kms }: Pick<LogParts, 'objects' | 'kms'>, at: number): Promise<number> {
  const signed = async (size: number) => (await readCheckpoint(kms, (await objects.get(checkpointPlace(size)))!)).at;
  return await sizeSignedBy(await checkpointSizes(objects), at, signed);
}
