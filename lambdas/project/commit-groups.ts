import type { EventStore, RecordedCommit } from '../../platform/ports/event-store.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';

/** Which commits of a stream: those behind the version that a table is at, as far as one begins at or before `to`. */
export interface CommitSpan {
  readonly stream: string;
  readonly after: number;
  readonly to: number;
}

/** What is kept of these commits, in their order, so many at a time: each group becomes one write of a table. */
export async function* commitGroups(events: EventStore, { stream, after, to }: CommitSpan, most: number): AsyncGenerator<RecordedCommit[]> {
  let group: RecordedCommit[] = [];
  for await (const commit of events.read(stream, Math.max(after + 1, await keptFrom(events, stream)))) {
    if (commit.version > to) break;
    group.push(commit);
    if (group.length < most) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
