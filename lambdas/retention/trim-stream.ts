import type { DomainEvent } from '../../events/index.ts';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { putStandIn, readStandIn, type StandIn, sameState, standInOf } from '../shared/retained/stand-ins.ts';

/** What of a stream's beginning lasts when it is deleted. */
export interface Fold<State> {
  readonly initial: State;
  readonly evolve: (state: State, event: DomainEvent) => State;
}

export interface StreamTrim {
  readonly stream: string;
  /** Events deleted, or to be deleted in a dry run. */
  readonly events: number;
  /** Why it keeps more than it should; absent when it doesn't. */
  readonly kept?: 'checkpoint-differs' | 'body-lost';
}

/**
 * Deletes the commits of a stream that were recorded before an instant. What they add up to is sealed, put, read back and held against
 * the commits, which are read and folded once more: only then the stream is made to begin behind it, under the signature that
 * `EventStore.trim` makes over its head and the body's hash before it deletes. Every step can be repeated.
 * @param before UTC ms @throws ERR_COMMIT_DAMAGED, ERR_CHECKPOINT_LOST and ERR_ANCHOR_REFUSED: nothing is deleted then
 * @source X.1332 10.1 (stored data intact)
 */
export async function trimStream<State>(
  platform: Platform,
  stream: string,
  fold: Fold<State>,
  before: number,
  dryRun: boolean,
): Promise<StreamTrim> {
  const start = await readStandIn<State>(platform, stream);
  const from = (start?.head.version ?? -1) + 1;
  const end = await foldUntil(platform, stream, { start, fold }, ({ recordedAt }) => recordedAt < before);
  if (end === undefined) return { stream, events: 0 };
  const events = end.head.version + 1 - from;
  if (dryRun) return { stream, events };
  const body = await putStandIn(platform, end);
  const kept = await faultOf(platform, end.head, body, { start, fold });
  if (kept !== undefined) return { stream, events: 0, kept };
  await platform.events.trim(end.head, body);
  return { stream, events };
}

interface Folding<State> {
  readonly start: StandIn<State> | undefined;
  readonly fold: Fold<State>;
}

/** Whether what lies in the object store, opened anew, is what the commits come to, at the same head. */
async function faultOf<State>(platform: Platform, head: StreamHead, body: Buffer, folding: Folding<State>): Promise<StreamTrim['kept']> {
  const found = await standInOf<State>(platform, head, body);
  if (found === undefined) return 'body-lost';
  const again = await foldUntil(platform, head.stream, folding, (commit) => commit.head.version <= head.version);
  const same = again?.head.version === head.version && again.head.hash.equals(head.hash) && sameState(again.state, found.state);
  return same ? undefined : 'checkpoint-differs';
}

/** Reads on from where a stream begins, as long as commits are wanted. @returns undefined where none is */
async function foldUntil<State>(
  { events }: Pick<Platform, 'events'>,
  stream: string,
  { start, fold }: Folding<State>,
  wanted: (commit: { readonly recordedAt: number; readonly head: StreamHead }) => boolean,
): Promise<StandIn<State> | undefined> {
  let state = start?.state ?? fold.initial;
  let head: StreamHead | undefined;
  for await (const commit of events.read(stream, (start?.head.version ?? -1) + 1)) {
    if (!wanted(commit)) break;
    for (const event of commit.events) state = fold.evolve(state, event);
    head = commit.head;
  }
  return head && { head, state };
}
