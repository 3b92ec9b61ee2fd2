import type { EventStore, RecordedCommit } from '../../platform/ports/event-store.ts';

const PAGE = 500;

/** Commits of a stream, the newest first, read by the page: whoever wants the last few reads no more than these. */
export async function* readBackwards(
  events: Pick<EventStore, 'read' | 'latest'>,
  stream: string,
): AsyncGenerator<RecordedCommit, void, void> {
  let end = (await events.latest(stream)).version + 1;
  while (end > 0) {
    const from = Math.max(0, end - PAGE);
    const page: RecordedCommit[] = [];
    for await (const commit of events.read(stream, from)) {
      if (commit.version >= end) break;
      page.push(commit);
    }
    yield* page.reverse();
    end = from;
  }
}
