import { asSettled } from '../../domain/meterday/known-at.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import type { ChannelOutcome, DayFrame } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { dayOfStream, foldDay, openDays } from '../shared/days/day-streams.ts';
import { sideBySide } from '../shared/side-by-side.ts';
import { runDecider } from '../shared/streams.ts';
import { sealOf } from './open-day.ts';

/** Local dates; `until` is the first day after. */
export interface SettlementWindow {
  readonly from: string;
  readonly until: string;
}

export interface SettlementReport {
  /** Days, or parts of them, that the run took now and had taken before. */
  readonly settled: number;
  readonly already: number;
  /** Of these, not final yet: the run took them as they were. */
  readonly provisional: number;
  /** No outcome yet: to be taken by the same run later. */
  readonly open: number;
}

/** A day as a settlement run took it. */
export interface SettledDay {
  readonly frame: DayFrame;
  readonly revision: number;
  readonly final: boolean;
  readonly held: boolean;
  readonly channels: readonly ChannelOutcome[];
}

/** Days whose access is on record with one event, opened side by side. */
const GROUP = 512;

/**
 * Takes every day of a window as it stands into a settlement run, under whose name it can be looked at whatever comes later. Run
 * again it takes what was not closed before, and leaves what it took.
 */
export async function settleDays(platform: Platform, person: string, run: string, window: SettlementWindow): Promise<SettlementReport> {
  const report = { settled: 0, already: 0, provisional: 0, open: 0 };
  await eachGroup(await streamsOf(platform, window), async (streams) => {
    const access = await opened(platform, person, streams);
    const { events } = platform;
    const settle = async (stream: string) => {
      const day = await foldDay(platform, stream, access);
      // Nothing is left of a day that moved to another part or usage point.
      if (day.status === 'empty') return;
      if (day.outcome === undefined) return void report.open++;
      if (!day.final) report.provisional++;
      if (day.settled.has(run)) return void report.already++;
      const command = { type: 'SettleDay', run, at: platform.clock.now() } as const;
      await runDecider(events, stream, meterDay, command, undefined, { subject: sealOf(day), access });
      report.settled++;
    };
    await sideBySide(streams, settle);
  });
  return report;
}

/** What a run took, in the order of streams; days that it never took are not there. */
export async function settledDays(
  platform: Platform,
  person: string,
  run: string,
  window: SettlementWindow,
): Promise<readonly SettledDay[]> {
  const found: SettledDay[] = [];
  await eachGroup(await streamsOf(platform, window), async (streams) => {
    const access = await opened(platform, person, streams);
    for (const stream of streams) {
      const commits: RecordedCommit[] = await Array.fromAsync(platform.events.read(stream, 0, access));
      const day = asSettled(commits, run);
      if (day?.status === 'open' && day.outcome !== undefined) found.push(settledDay(day, day.outcome));
    }
  });
  return found;
}

function settledDay({ frame, final }: OpenDay, { revision, held, channels }: NonNullable<OpenDay['outcome']>): SettledDay {
  return { frame, revision, final, held, channels };
}

async function streamsOf({ events }: Platform, { from, until }: SettlementWindow): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const stream of events.streams('meterday/')) {
    const { day } = dayOfStream(stream);
    if (day >= from && day < until) names.push(stream);
  }
  return names;
}

function opened(platform: Platform, person: string, streams: readonly string[]) {
  const days = streams.map((stream) => ({ stream }));
  return openDays(platform, 'settlement', days, { person });
}

async function eachGroup(streams: readonly string[], work: (group: readonly string[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < streams.length; from += GROUP) await work(streams.slice(from, from + GROUP));
}
