import type { DomainEvent } from '../../events/index.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';

/** The last word about each subject. @param words in the order in which they were said */
export function newest<Word>(words: readonly Word[], subjectOf: (word: Word) => string): ReadonlyMap<string, Word> {
  return new Map(words.map((word) => [subjectOf(word), word]));
}

/** When a stream last said something of each subject, UTC ms. @param from first version that is kept of it */
export async function lastSaid(
  events: Pick<EventStore, 'read'>,
  stream: string,
  subjectOf: (event: DomainEvent) => string | undefined,
  from = 0,
): Promise<ReadonlyMap<string, number>> {
  const said = new Map<string, number>();
  for await (const commit of events.read(stream, from)) {
    for (const event of commit.events) {
      const subject = subjectOf(event);
      if (subject !== undefined && 'at' in event.data) said.set(subject, event.data.at as number);
    }
  }
  return said;
}
