import { assignment } from '../../domain/exceptions/assignment.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { foldStream } from '../shared/streams.ts';

const PREFIX = 'assignee/';
const STREAMS = 'exception/';

/** Directory key; the value is the person, empty where nobody is. Made from the streams `exception/`. */
export function assigneeKey(row: string): string {
  return PREFIX + row;
}

/** Writes again from the streams who looks after which row; where they say nothing, nobody does. */
export async function rebuildAssignees({ events, directory }: Pick<Platform, 'events' | 'directory'>): Promise<void> {
  const wanted = new Map<string, string>();
  for await (const { key } of directory.list(PREFIX)) wanted.set(key.slice(PREFIX.length), '');
  for await (const stream of events.streams(STREAMS)) {
    const { state } = await foldStream(events, stream, assignment);
    wanted.set(stream.slice(STREAMS.length), state.assignee ?? '');
  }
  if (wanted.size > 0) await directory.put([...wanted].map(([row, person]) => ({ key: assigneeKey(row), value: Buffer.from(person) })));
}
