import { createHash } from 'node:crypto';
import { type DomainEvent, JoulekeepError } from '../../events/index.ts';
import type { EventStore, RecordedCommit, StreamHead, SubjectKey } from '../../platform/ports/event-store.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';

/** The rules of one stream type. `decide` answers `[]` to what is already so; `evolve` ignores what it does not know. */
export interface Decider<State, Command, Event extends DomainEvent> {
  readonly initial: State;
  readonly decide: (command: Command, state: State) => readonly Event[];
  readonly evolve: (state: State, event: DomainEvent) => State;
}

/** A stream as it stands. */
export interface Folded<State> {
  readonly state: State;
  readonly head: StreamHead;
}

export interface Decided<State, Event> {
  /** What this call recorded, durable; empty when everything was so already. */
  readonly events: readonly Event[];
  readonly state: State;
}

/** What streams `meterday/` and `bill/` want besides: under whose key to append, and the right to read. */
export interface SubjectOptions {
  readonly subject?: SubjectKey;
  readonly access?: SubjectAccess;
}

export interface DecidingOptions<Event> extends SubjectOptions {
  /** What has to be so before these are recorded; done once more where another writer was faster. */
  readonly before?: (events: readonly Event[]) => Promise<void>;
}

const ATTEMPTS = 12;

/** Reads and folds one stream; with a memory of how it stood, only what came since. */
export async function foldStream<State>(
  store: EventStore,
  stream: string,
  decider: { readonly initial: State; readonly evolve: (state: State, event: DomainEvent) => State },
  warm?: WarmStreams<State>,
  options: SubjectOptions = {},
): Promise<Folded<State>> {
  const known = warm?.get(stream);
  let state = known?.state ?? decider.initial;
  const head = await readTo(store, { stream, head: known?.head, ...options }, (commit) => {
    for (const event of commit.events) state = decider.evolve(state, event);
  });
  const folded = { state, head };
  warm?.set(stream, folded);
  return folded;
}

/**
 * Hands on every commit behind `head` and says where the stream stands then. A stream of which nothing was read may begin before
 * its head is asked for: then it is read, or its first commits would be missing from what is built on that head.
 */
export async function readTo(
  store: EventStore,
  { stream, head, subject, access }: SubjectOptions & { readonly stream: string; readonly head: StreamHead | undefined },
  take: (commit: RecordedCommit) => void,
): Promise<StreamHead> {
  let at = head;
  for (;;) {
    for await (const commit of store.read(stream, (at?.version ?? -1) + 1, access)) {
      take(commit);
      at = commit.head;
    }
    if (at !== undefined) return at;
    const asked = await store.head(stream, subject);
    if (asked.version < 0) return asked;
  }
}

/** How streams stood when last read, for a worker that comes back to the same ones. Saves reading, never decides. */
export class WarmStreams<State> {
  readonly #folded = new Map<string, Folded<State>>();
  readonly #most: number;

  /** @param most streams kept; the one not used for longest goes first */
  constructor(most: number) {
    this.#most = most;
  }

  get(stream: string): Folded<State> | undefined {
    return this.#folded.get(stream);
  }

  set(stream: string, folded: Folded<State>): void {
    this.#folded.delete(stream);
    this.#folded.set(stream, folded);
    if (this.#folded.size > this.#most) this.#folded.delete(this.#folded.keys().next().value!);
  }
}

/**
 * Folds, decides, appends; when another writer took the version, folds and decides again. Several commands are decided
 * one on top of the other and become one commit. Resolves when it is on stable storage.
 * @throws ERR_VERSION_CONFLICT (retryable) after 12 lost attempts, and whatever `decide` throws
 */
export async function runDecider<State, Command, Event extends DomainEvent>(
  store: EventStore,
  stream: string,
  decider: Decider<State, Command, Event>,
  commands: Command | readonly Command[],
  warm?: WarmStreams<State>,
  options: DecidingOptions<Event> = {},
): Promise<Decided<State, Event>> {
  const list = Array.isArray(commands) ? (commands as readonly Command[]) : [commands as Command];
  for (let attempt = 1; ; attempt++) {
    const folded = await foldStream(store, stream, decider, warm, options);
    const decided = decideAll(decider, list, folded.state);
    if (decided.events.length === 0) return decided;
    await options.before?.(decided.events);
    try {
      await append(store, folded.head, decided.events, options.subject);
      return decided;
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === ATTEMPTS) throw error;
    }
  }
}

function decideAll<State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
  commands: readonly Command[],
  from: State,
): Decided<State, Event> {
  let state = from;
  const events: Event[] = [];
  for (const command of commands) {
    for (const event of decider.decide(command, state)) {
      state = decider.evolve(state, event);
      events.push(event);
    }
  }
  return { events, state };
}

/** A stream read long ago may have lost its key from memory: one fresh head brings it back. */
async function append(store: EventStore, head: StreamHead, events: readonly DomainEvent[], subject: SubjectKey | undefined): Promise<void> {
  const commit = { commitId: commitIdOf(head, events), events, ...(subject && { subject }) };
  try {
    await store.append(head, commit).durable;
  } catch (error) {
    if (!(error instanceof JoulekeepError) || error.code !== 'ERR_STREAM_KEY_COLD') throw error;
    await store.head(head.stream, subject);
    await store.append(head, commit).durable;
  }
}

/** The same facts on top of the same version are the same work. */
function commitIdOf(head: StreamHead, events: readonly DomainEvent[]): Buffer {
  const plain = JSON.stringify(events, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  return createHash('sha256').update(`${head.stream}\0${head.version}\0${plain}`).digest();
}
