import type { DataAccessed } from '../../../events/index.ts';
import type { EventStore } from '../../../platform/ports/event-store.ts';
import { appendFacts } from '../append-facts.ts';

/** An access that waits for its place in the stream. */
interface Waiting {
  readonly data: DataAccessed;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Names of subjects in one commit: with the rest of it, well within what a commit may have. */
const NAMES_PER_COMMIT = 48_000;
/** An event without its names. */
const EVENT_CHARACTERS = 400;

const lines = new WeakMap<EventStore, Map<string, Waiting[]>>();

/**
 * Resolves when the access is on stable storage. Every access is a fact of its own: two alike are two. Those of one process that wait for
 * the same stream are one commit, so that they do not lose to each other.
 */
export function recordAccess(events: EventStore, stream: string, data: DataAccessed): Promise<void> {
  const streams = lines.get(events) ?? new Map<string, Waiting[]>();
  lines.set(events, streams);
  return new Promise((done, failed) => {
    const line = streams.get(stream);
    if (line !== undefined) {
      line.push({ data, done, failed });
      return;
    }
    streams.set(stream, [{ data, done, failed }]);
    void workOff(events, stream, streams);
  });
}

/** Never rejects: who waits hears what came in the way. The line ends in the same breath in which it is found empty. */
async function workOff(events: EventStore, stream: string, streams: Map<string, Waiting[]>): Promise<void> {
  const line = streams.get(stream)!;
  while (line.length > 0) {
    const together = line.splice(0, countThatFit(line));
    try {
      const facts = together.map(({ data }) => ({ type: 'DataAccessed' as const, data }));
      await appendFacts(events, stream, facts);
      for (const { done } of together) done();
    } catch (error) {
      for (const { failed } of together) failed(error);
    }
  }
  streams.delete(stream);
}

function countThatFit(line: readonly Waiting[]): number {
  let length = 0;
  const full = line.findIndex(({ data }, i) => {
    length += EVENT_CHARACTERS + data.subjects.reduce((sum, name) => sum + name.length + 3, 0);
    return i > 0 && length > NAMES_PER_COMMIT;
  });
  return full === -1 ? line.length : full;
}
