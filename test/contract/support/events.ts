import { createHash } from 'node:crypto';
import type { DomainEvent } from '../../../events/index.ts';
import type { NewCommit, RecordedCommit } from '../../../platform/ports/event-store.ts';

/** 32 bytes from a name. */
export function idOf(name: string): Buffer {
  return createHash('sha256').update(name).digest();
}

export function activated(at: number): DomainEvent {
  return { type: 'MeterActivated', data: { at } };
}

/** A commit of `events` small events whose id comes from its name. */
export function commitOf(name: string, events = 1): NewCommit {
  return { commitId: idOf(name), events: Array.from({ length: events }, (_, index) => activated(index)) };
}

/** Bytes of a frame with 96 readings in all columns. */
const FRAME = 355;

/** A telemetry commit whose body has about this many bytes, none of which any compression takes away. */
export function telemetryCommit(name: string, bytes: number): NewCommit {
  const noise = createHash('shake256', { outputLength: bytes }).update(name).digest();
  let from = 0;
  const column = (length: number) => {
    from += length;
    return noise.subarray(from - length, from);
  };
  const count = Math.floor(bytes / FRAME);
  const frames = {
    count,
    member: column(count * 2),
    header: column(count * 20),
    tag: column(count * 4),
    plaintext: column(count * 320),
    sizeClass: Buffer.alloc(count, 2),
    annotations: column(count * 4),
    receivedAt: column(count * 4),
  };
  const batch = { dcId: 'dc1', sequence: 1, digest: idOf(name).subarray(0, 8) };
  const rest = column(bytes - count * FRAME);
  const data = { batch, brokerTime: 1_700_000_000_000, frames, duplicates: 0, slotsRepeated: 0, epochsOpened: rest };
  return { commitId: idOf(name), events: [{ type: 'FramesAccepted', data }] };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  return await Array.fromAsync(items);
}

export function versionsOf(commits: readonly RecordedCommit[]): number[] {
  return commits.map(({ version }) => version);
}
