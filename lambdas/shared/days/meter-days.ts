import { emptyView, viewSlot } from '../../../domain/meterday/effective.ts';
import type { ChannelState, OpenDay } from '../../../domain/meterday/state.ts';
import { type Channel, NO_COUNTS, SCALED, SLOT_SOURCES, type SlotSource, UTILITY } from '../../../events/index.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../../platform/ports/subject-access.ts';
import { type UsageSoFar, usageSoFar } from '../../project/usage-pages.ts';
import { usagePointState } from '../../register/change-point.ts';
import { isOpenTo } from '../access/subject-data.ts';
import { dayOfStream, foldDay } from './day-streams.ts';
import { plusDays } from './local-days.ts';
import { pointOf } from './points.ts';

/** Whose days: of a meter, or of whatever meters hung at a usage point. */
export type DaysOf = { readonly meterId: string } | { readonly usagePoint: string };

/** Local dates; `until` is the first that is not asked for. */
export interface DayWindow {
  readonly from: string;
  readonly until: string;
}

export interface DaySlot {
  /** UTC s. */
  readonly end: number;
  /** Wh, varh or VAh; null = none that counts. */
  readonly energyWh: number | null;
  readonly source: SlotSource;
}

export interface DayChannel {
  readonly channel: number;
  readonly direction: Channel['direction'];
  readonly unit: Channel['unit'];
  readonly minutes: number;
  /** In order. Of a day that is not closed: those that came. */
  readonly slots: readonly DaySlot[];
}

/** A local day of a meter, or the part of it that is one subject's. */
export interface DayReadings {
  readonly meterId: string;
  readonly day: string;
  readonly part: number;
  /** `open`: no day is closed yet, this is telemetry as it came. */
  readonly standing: 'final' | 'provisional' | 'open';
  readonly held: boolean;
  /** 0 while open. */
  readonly revision: number;
  readonly channels: readonly DayChannel[];
}

/**
 * Days of meters in order of meter and date, wherever they lie: closed ones from the register of truth, be they hot or in an
 * archive, and the newest from telemetry. Days whose key is destroyed, and days of which nothing is known, are left out.
 * @param access covers the subjects and the window: `openDays` or `openSubjectData` give it
 * @throws ERR_SUBJECT_SEALED for a day of somebody else's, ERR_POINT_UNKNOWN
 */
export async function* meterDays(
  platform: Platform,
  of: DaysOf,
  { from, until }: DayWindow,
  access: SubjectAccess,
): AsyncGenerator<DayReadings, void, void> {
  for (const { meterId, within } of await spansOf(platform, of)) {
    const streams = await streamsOf(platform, meterId, { from, until });
    for (let day = from; day < until; day = plusDays(day, 1)) {
      const closed = streams.get(day) ?? [];
      for (const stream of closed) {
        const found = await closedDay(platform, stream, access);
        if (found !== undefined && within(found.start)) yield found.readings;
      }
      if (closed.length > 0) continue;
      const open = await openDay(platform, meterId, day, access);
      if (open !== undefined && within(open.start)) yield open.readings;
    }
  }
}

/** Streams of the closed days of a window, hot and archived: what to ask an access for. */
export async function dayStreamsOf(platform: Platform, of: DaysOf, window: DayWindow): Promise<readonly { readonly stream: string }[]> {
  const found: { stream: string }[] = [];
  for (const { meterId } of await spansOf(platform, of))
    for (const streams of (await streamsOf(platform, meterId, window)).values()) for (const stream of streams) found.push({ stream });
  return found;
}

interface MeterSpan {
  readonly meterId: string;
  /** Whether a day that begins at an instant (UTC s) is asked for. */
  readonly within: (start: number) => boolean;
}

async function spansOf(platform: Platform, of: DaysOf): Promise<readonly MeterSpan[]> {
  if ('meterId' in of) return [{ meterId: of.meterId, within: () => true }];
  const { installations } = await usagePointState(platform, of.usagePoint);
  const meters = Map.groupBy(installations, ({ meterId }) => meterId);
  return [...meters].map(([meterId, spans]) => ({
    meterId,
    // The day of an exchange is of both meters.
    within: (start) => spans.some((span) => start < (span.until ?? Number.POSITIVE_INFINITY) / 1000 && start > span.from / 1000 - 90_000),
  }));
}

async function streamsOf(
  { events }: Platform,
  meterId: string,
  { from, until }: DayWindow,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const days = new Map<string, string[]>();
  for (const month of monthsOf(from, until)) {
    for await (const stream of events.streams(`meterday/${meterId}/${month}-`)) {
      const { day } = dayOfStream(stream);
      if (day >= from && day < until) days.set(day, [...(days.get(day) ?? []), stream]);
    }
  }
  return days;
}

function monthsOf(from: string, until: string): readonly string[] {
  const months = new Set<string>();
  for (let day = from; day < until; day = plusDays(day, 1)) months.add(day.slice(0, 7));
  return [...months];
}

interface Found {
  /** UTC s. */
  readonly start: number;
  readonly readings: DayReadings;
}

async function closedDay(platform: Platform, stream: string, access: SubjectAccess): Promise<Found | undefined> {
  const state = await foldDay(platform, stream, access);
  if (state.status === 'empty') return undefined;
  const { meterId, day, part, start } = state.frame;
  const channels = state.channels.flatMap((channel) => (channel === undefined ? [] : [closedChannel(state as OpenDay, channel)]));
  const standing = state.final ? 'final' : 'provisional';
  const { outcome, revision } = state;
  return { start, readings: { meterId, day, part, standing, held: outcome?.held ?? false, revision, channels } };
}

function closedChannel({ frame, slots: count }: OpenDay, channel: ChannelState): DayChannel {
  const view = emptyView();
  const slots: DaySlot[] = [];
  for (let slot = 0; slot < count; slot++) {
    viewSlot(channel, slot, true, view);
    const energyWh = view.counts === NO_COUNTS ? null : Math.round(view.counts * channel.perCount);
    slots.push({ end: frame.start + (slot + 1) * frame.minutes * 60, energyWh, source: SLOT_SOURCES[view.source & ~SCALED]! });
  }
  const { direction, unit } = channel.asset;
  return { channel: channel.channel, direction, unit, minutes: frame.minutes, slots };
}

/** What came of a day so far, from the recent pages of whoever it may be. */
async function openDay(platform: Platform, meterId: string, day: string, access: SubjectAccess): Promise<Found | undefined> {
  const [points] = await pointOf(platform, [meterId]);
  const subjects = new Set([UTILITY, ...points!.flatMap(({ tenancy }) => tenancy.map(({ subject }) => subject))]);
  const found: UsageSoFar[] = [];
  for (const subject of subjects) {
    if (isOpenTo(access, subject)) found.push(...(await usageSoFar(platform, { meterId, day, subject }, access)));
  }
  const [first] = found;
  if (first === undefined) return undefined;
  const channels = [...Map.groupBy(found, ({ channel, minutes }) => `${channel}/${minutes}`).values()].map(openChannel);
  return { start: first.start, readings: { meterId, day, part: 1, standing: 'open', held: false, revision: 0, channels } };
}

function openChannel(pages: readonly UsageSoFar[]): DayChannel {
  const { channel, direction, unit, minutes } = pages[0]!;
  const slots = pages.flatMap((page) =>
    page.slots.map(({ slot, energyWh }) => ({ end: page.start + (slot + 1) * minutes * 60, energyWh, source: 'measured' as const })),
  );
  return { channel, direction, unit, minutes, slots: slots.sort((a, b) => a.end - b.end) };
}
