import type { DomainEvent, IssuedDownlink } from '../../events/index.ts';

/** A commit's body may have 64 KiB; what frames take up is never more than their batch did on the wire. */
const BODY = 56_000;
/** Around a message's bytes. */
const PER_MESSAGE = 96;

/** Splits a batch's events so that each commit fits: the frames and what answers fit beside them, then further answers. */
export function intoCommits(events: readonly DomainEvent[], batchBytes: number): DomainEvent[][] {
  const answers = events.at(-1);
  if (answers?.type !== 'DownlinksIssued') return [[...events]];
  const commits: DomainEvent[][] = [events.slice(0, -1)];
  let room = BODY - batchBytes;
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
