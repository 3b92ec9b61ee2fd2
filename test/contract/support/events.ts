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

/** A telemetry commit whose body has about this many bytes. */
export function telemetryCommit(name: string, bytes: number): NewCommit {
  const column = Buffer.alloc(Math.floor(bytes / 2), name);
  const empty = Buffer.alloc(0);
  const frames = {
    count: 1,
    member: empty,
    header: empty,
    tag: column,
    plaintext: column,
    sizeClass: empty,
    annotations: empty,
    receivedAt: empty,
  };
  const batch = { dcId: 'dc1', sequence: 1, digest: idOf(name).subarray(0, 8) };
  const data = { batch, brokerTime: 1_700_000_000_000, frames, duplicates: 0, slotsRepeated: 0 };
  return { commitId: idOf(name), events: [{ type: 'FramesAccepted', data }] };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  return await Array.fromAsync(items);
}

export function versionsOf(commits: readonly RecordedCommit[]): number[] {
  return commits.map(({ version }) => version);
}
