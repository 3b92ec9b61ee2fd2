import type { HostHandlers } from '../platform/embedded/host/host.ts';
import { lambdaContext } from '../platform/embedded/host/lambda-context.ts';
import { streamEvent } from '../platform/embedded/host/stream-event.ts';
import type { EmbeddedQueues } from '../platform/embedded/queues.ts';
import { LOG_FEED } from '../topology/feeds.ts';
import { FAILED_POSITIONS, QUEUES } from '../topology/queues.ts';

const TIMEOUT_MS = 60_000;
const AT_ONCE = 10;
const DEAD = QUEUES.find(({ name }) => name === FAILED_POSITIONS)!.deadLetter;

/** A commit that a function could not take. */
export interface Position {
  readonly feed: string;
  readonly function: string;
  readonly stream: string;
  /** Version of the commit's first event. */
  readonly version: number;
  readonly count: number;
  readonly attempts: number;
}

export interface Redriven {
  readonly taken: readonly Position[];
  /** Set aside again. */
  readonly left: readonly Position[];
}

/** What feeds have set aside, oldest first. Looking takes nothing. */
export function positionsAside(queues: EmbeddedQueues): readonly Position[] {
  return [FAILED_POSITIONS, DEAD].flatMap((queue) => queues.peek(queue).map((body) => JSON.parse(body) as Position));
}

/** Hands every position to its function once more, streams in the order of their versions. What fails again stays aside. */
export async function redrivePositions(queues: EmbeddedQueues, feeds: NonNullable<HostHandlers['feeds']>): Promise<Redriven> {
  const taken: Position[] = [];
  const left: Position[] = [];
  for (const { receipt, position } of await received(queues)) {
    // What the log has no place for is evidence: a position alone has no hash either.
    const behind = position.feed === LOG_FEED.name || left.some(({ feed, stream }) => feed === position.feed && stream === position.stream);
    if (!behind && (await isTaken(feeds, position))) {
      await queues.delete([receipt]);
      taken.push(position);
    } else {
      await queues.changeVisibility(receipt, 0);
      left.push(position);
    }
  }
  return { taken, left };
}

async function received(queues: EmbeddedQueues): Promise<readonly { receipt: string; position: Position }[]> {
  const found: { receipt: string; position: Position }[] = [];
  for (;;) {
    const messages = await queues.receive(FAILED_POSITIONS, AT_ONCE);
    // One that was received too often goes to the dead letters, and is fetched back from there.
    if (messages.length === 0 && (await queues.redrive(DEAD)) === 0) break;
    found.push(...messages.map(({ receipt, body }) => ({ receipt, position: JSON.parse(body) as Position })));
  }
  return found.sort((a, b) => a.position.version - b.position.version);
}

async function isTaken(
  feeds: NonNullable<HostHandlers['feeds']>,
  { feed, function: name, stream, version, count }: Position,
): Promise<boolean> {
  const handler = feeds[name];
  if (handler === undefined) return false;
  try {
    // Functions find out by themselves under which key a commit lies.
    const event = streamEvent(feed, [{ place: 1, stream, version, count, keyId: '', recordedAt: 0 }]);
    const response = await handler(event, lambdaContext(name, TIMEOUT_MS));
    return (response?.batchItemFailures ?? []).length === 0;
  } catch {
    return false;
  }
}
