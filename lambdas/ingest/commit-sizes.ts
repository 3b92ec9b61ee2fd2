import type { DomainEvent, IssuedDownlink } from '../../events/index.ts';

/** A commit's body may have 64 KiB; what frames take up is hardly more than their batch did on the wire. */
const BODY = 56_000;
/** Frames, hashes and raw bytes of one batch together: what is left to 64 KiB is for names, lengths and the envelope. */
const WHOLE_BODY = 63_000;
/** A hash and its length; more than the length of a raw frame takes. */
const PER_HASH = 34;
/** Around a message's bytes. */
const PER_MESSAGE = 96;
/** Around the hashes and raw bytes of a refusal: batch, times, and a count for each reason there is. */
const AROUND_REFUSED = 800;
/** One SlotConflict: a frame of 96 slots can bring 96 of them: more bytes than its own. */
const PER_CONFLICT = 112;

/**
 * Splits a batch's events so that each commit fits: the frames and what fits beside them, then further answers, then
 * further conflicts. Whatever a sender puts into a batch, its frames can be recorded.
 */
export function intoCommits(events: readonly DomainEvent[], batchBytes: number): DomainEvent[][] {
  const conflicts = events.filter(({ type }) => type === 'SlotConflict');
  const crowded = batchBytes + conflicts.length * PER_CONFLICT > BODY;
  const later = crowded ? conflicts : [];
  const first = withinBody(later.length > 0 ? events.filter(({ type }) => type !== 'SlotConflict') : events);
  const commits = withAnswers(first, batchBytes + (conflicts.length - later.length) * PER_CONFLICT);
  const each = Math.floor(BODY / PER_CONFLICT);
  for (let from = 0; from < later.length; from += each) commits.push(later.slice(from, from + each));
  return commits;
}

function withAnswers(events: readonly DomainEvent[], taken: number): DomainEvent[][] {
  const answers = events.at(-1);
  if (answers?.type !== 'DownlinksIssued') return [[...events]];
  const commits: DomainEvent[][] = [events.slice(0, -1)];
  let room = BODY - taken;
  let messages: IssuedDownlink[] = [];
  const close = () => {
    if (messages.length > 0) commits.at(-1)!.push({ type: 'DownlinksIssued', data: { at: answers.data.at, messages } });
    messages = [];
  };
  for (const message of answers.data.messages) {
    const size = message.bytes.length + PER_MESSAGE;
    if (size > room) {
      close();
      commits.push([]);
      room = BODY;
    }
    messages.push(message);
    room -= size;
  }
  close();
  return commits.filter((commit) => commit.length > 0);
}

/** What a FramesRefused or JunkCounted takes up at most. */
export function refusedBytes(refused: { readonly hashes: readonly Uint8Array[]; readonly raws: readonly Uint8Array[] }): number {
  return AROUND_REFUSED + refused.hashes.length * PER_HASH + refused.raws.reduce((sum, raw) => sum + raw.length + PER_HASH, 0);
}

/** Items in the order they came, as many to a commit's body as fit; one that is larger has a body of its own. */
export function intoBodies<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const bodies: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (size > room) {
      bodies.push([]);
      room = BODY;
    }
    bodies.at(-1)!.push(item);
    room -= size;
  }
  return bodies;
}

/** Raw bytes of refused frames are kept while there is room: hashes and counts stay whatever becomes of them. */
function withinBody(events: readonly DomainEvent[]): readonly DomainEvent[] {
  const refused = events.find((event) => event.type === 'FramesRefused');
  if (refused === undefined || refused.data.raws.length === 0) return events;
  let room = WHOLE_BODY - events.reduce((sum, event) => sum + frameBytesOf(event), 0);
  const raws = refused.data.raws.filter((raw) => {
    const fits = raw.length + PER_HASH <= room;
    if (fits) room -= raw.length + PER_HASH;
    return fits;
  });
  return events.map((event) => (event === refused ? { ...refused, data: { ...refused.data, raws } } : event));
}

/** What frames take up in an event, raw bytes of refused ones apart. */
function frameBytesOf({ type, data }: DomainEvent): number {
  if (type === 'FramesRefused') return data.hashes.length * PER_HASH;
  if (type !== 'FramesAccepted' && type !== 'FramesHeld') return 0;
  return Object.values(data.frames).reduce<number>((sum, column) => sum + (typeof column === 'number' ? 0 : column.byteLength), 0);
}
