import type { DomainEvent } from '../../../events/index.ts';
import type { EventStore } from '../../../platform/ports/event-store.ts';
import { type BodyReader, readAnchored } from './checkpoints.ts';

/** First version of a stream that can be read: behind what was deleted. */
export async function keptFrom(events: Pick<EventStore, 'anchor'>, stream: string): Promise<number> {
  const anchor = await events.anchor(stream);
  return anchor?.why === 'checkpoint' ? anchor.head.version + 1 : 0;
}

/** What is kept of a segment, for whoever folds its members and their frames from the beginning. */
export interface KeptSegment {
  readonly stream: string;
  /** First version there is. */
  readonly from: number;
  /** Who was in it before, each as if it had joined just then; empty when nothing was deleted. */
  readonly joined: readonly DomainEvent[];
}

/** @throws ERR_CHECKPOINT_LOST */
export async function keptSegment(reader: BodyReader, segment: string): Promise<KeptSegment> {
  const stream = `segment/${segment}`;
  const standing = await readAnchored(reader, segment);
  const joined: DomainEvent[] = [];
  if (standing === undefined) return { stream, from: 0, joined };
  const { members } = standing.state;
  for (let number = 0; number < members.count; number++) {
    const known = members.at(number);
    if (known === undefined) continue;
    const { meterId, asset, relays, since } = known;
    joined.push({ type: 'MeterJoined', data: { meterId, member: number, asset, relays, at: since } });
  }
  return { stream, from: await keptFrom(reader.events, stream), joined };
}
