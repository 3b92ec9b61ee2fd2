import { RECORD_SIZE, recordEnd, writeRecord } from '../../domain/meterday/records.ts';
import type { DayFrame, MeterDayEvent, ReadingsCollected } from '../../events/index.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { localDay, meterDayStream } from '../../lambdas/shared/days/local-days.ts';
import type { SubjectKey } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { all, idOf } from '../contract/support/events.ts';
import { newState, type TestState } from '../contract/support/state.ts';
import { type MemoryDirectory, MemoryWorld } from '../support/memory-platform.ts';
import { ASSET } from './given.ts';

const EMPTY = new Uint8Array(0);
export const ZONE = 'Europe/London';
/** A register that no other file in the world has: 0x4b4a4948 and counting. */
const KNOWN_REGISTER = 0x4b4a49480000;

/** Sealed events and keys on disk, with the register's principals on top. */
export interface SealedWorld {
  readonly state: TestState;
  readonly directory: MemoryDirectory;
  /** Every call gives a view with no key in memory. */
  as(principal: string): Platform;
}

export async function sealedWorld(): Promise<SealedWorld> {
  const state = await newState();
  const world = new MemoryWorld();
  const { clock } = state;
  const as = (principal: string): Platform => {
    const keys = state.keys.as(principal);
    return { ...world.as(principal), clock, keys, kms: state.kms.as(principal), events: state.store(principal) };
  };
  return { state, directory: world.directory, as };
}

export function frameOf(meterId: string, day: string, subject: string, other: Partial<DayFrame> = {}): DayFrame {
  const { start, end } = localDay(day, ZONE);
  return { usagePoint: 'up-0', meterId, day, part: 1, subject, start, end, minutes: 15, zone: ZONE, ...other };
}

/** One record per slot of the frame. */
export function readingsOf(frame: DayFrame): ReadingsCollected {
  const slots = (frame.end - frame.start) / (frame.minutes * 60);
  const records = new Uint8Array(slots * RECORD_SIZE);
  for (let i = 0; i < slots; i++) {
    const end = frame.start + (i + 1) * frame.minutes * 60;
    writeRecord(records, i, end, KNOWN_REGISTER + (end % 65_536), end % 1_000, 0);
  }
  const columns = { records, annotations: new Uint8Array(slots * 4), heads: EMPTY };
  const channel = { channel: 0, asset: ASSET.channels[0]!, capacity: 6_000, ...columns, registerBefore: -1 };
  return { frame, through: { segment: '00000', version: 7 }, channels: [channel], seals: [], outages: [], at: 1 };
}

/** What a scan of files must not find: the middle of the records of a day. */
export function knownBytes(frame: DayFrame): Buffer {
  return Buffer.from(readingsOf(frame).channels[0]!.records.slice(2, 24));
}

export function keyOf({ subject, day }: DayFrame): SubjectKey {
  return { of: 'usage', subject, month: day.slice(0, 7) };
}

export function streamOf({ meterId, day, part }: DayFrame): string {
  return meterDayStream(meterId, day, part);
}

/** Closes a day as `close-day` would. */
export async function closeDay(platform: Platform, frame: DayFrame): Promise<void> {
  const { events } = platform;
  const outcome = { revision: 1, channels: [], held: false, at: 1 };
  const commit = [{ type: 'ReadingsCollected', data: readingsOf(frame) } as const, { type: 'DayProvisional', data: outcome } as const];
  await events.append(await events.head(streamOf(frame), keyOf(frame)), {
    commitId: idOf(streamOf(frame)),
    events: commit,
    subject: keyOf(frame),
  }).durable;
}

export async function accessTo(platform: Platform, ...subjects: string[]): Promise<SubjectAccess> {
  return await openSubjectData(platform, { purpose: 'audit', from: Date.UTC(2026, 0, 1), until: Date.UTC(2027, 0, 1), subjects });
}

/** What a stream says to somebody with access to these subjects: its events since it was last sealed again, or why not. */
export async function readDay(platform: Platform, stream: string, ...subjects: string[]): Promise<readonly MeterDayEvent[] | string> {
  try {
    const commits = await all(platform.events.read(stream, 0, await accessTo(platform, ...subjects)));
    const events = commits.flatMap((commit) => [...commit.events]) as MeterDayEvent[];
    return events.slice(
      Math.max(
        0,
        events.findLastIndex(({ type }) => type === 'DayResealed'),
      ),
    );
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Ends of the records that a history holds, UTC s. */
export function endsIn(events: readonly MeterDayEvent[] | string): number[] {
  if (typeof events === 'string') throw new Error(events);
  const flat = events.flatMap((event) => (event.type === 'DayResealed' ? event.data.history : [event]));
  return flat.flatMap((event) => {
    if (event.type !== 'ReadingsCollected') return [];
    const { records } = event.data.channels[0]!;
    return Array.from({ length: records.length / RECORD_SIZE }, (_, i) => recordEnd(records, i));
  });
}

/** The platform as a process sees it that ends before its `moments`-th append to a meter day. */
export function mortal(platform: Platform, moments: number): Platform {
  const { events } = platform;
  let left = moments;
  return {
    ...platform,
    events: {
      read: events.read.bind(events),
      head: events.head.bind(events),
      prepare: events.prepare.bind(events),
      rowsOf: events.rowsOf.bind(events),
      evidence: events.evidence.bind(events),
      traceAt: events.traceAt.bind(events),
      latest: events.latest.bind(events),
      verify: events.verify.bind(events),
      anchor: events.anchor.bind(events),
      isHot: events.isHot.bind(events),
      trim: events.trim.bind(events),
      archive: events.archive.bind(events),
      sweep: events.sweep.bind(events),
      streams: events.streams.bind(events),
      append: (head, commit) => {
        if (head.stream.startsWith('meterday/') && left-- === 0) throw new Error('the process is gone');
        return events.append(head, commit);
      },
    },
  };
}
