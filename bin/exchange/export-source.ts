import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import type { ChannelState, OpenDay } from '../../domain/meterday/state.ts';
import { NO_COUNTS, SCALED, SLOT_SOURCES, UTILITY } from '../../events/index.ts';
import type { Lane, LaneSlots, Slot, Window } from '../../exchange/slots.ts';
import { usagePointState } from '../../lambdas/register/change-point.ts';
import { metersOf } from '../../lambdas/register/reseal-meters.ts';
import { openSubjectData, type SubjectRequest } from '../../lambdas/shared/access/subject-data.ts';
import { dayOfStream, foldDay, openDays } from '../../lambdas/shared/days/day-streams.ts';
import { pointOf } from '../../lambdas/shared/days/points.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';

/** Whose readings: a meter's, a usage point's, or everybody's. */
export interface Selection {
  readonly meter?: string;
  readonly point?: string;
}

interface OpenLane {
  readonly lane: Lane;
  readonly slots: Slot[];
}

const DAY_MS = 86_400_000;

/** A local date begins within so much of the UTC date of the same name. */
const ZONES_SECONDS = 14 * 3600;

/**
 * Slots of closed days as they stand: whatever was estimated, edited or is missing says so. A day that is not closed yet is left
 * out, and so is one whose key is destroyed. The access is on record before any day is opened.
 * @param on who exports, and why the data may leave, for the same record
 * @returns lanes in the order of usage point, meter and channel
 * @throws ERR_POINT_UNKNOWN
 */
export async function closedLanes(
  platform: Platform,
  window: Window,
  selection: Selection,
  on: Pick<SubjectRequest, 'person' | 'grounds'>,
): Promise<readonly LaneSlots[]> {
  const streams = await streamsOf(platform, window, selection);
  if (streams.length === 0) return [];
  const days = streams.map((stream) => ({ stream }));
  const access = await openDays(platform, 'export', days, on);
  const lanes = new Map<string, OpenLane>();
  for (const stream of streams) {
    const day = await closedDay(platform, stream, access);
    if (day === undefined || (selection.point ?? day.frame.usagePoint) !== day.frame.usagePoint) continue;
    for (const channel of day.channels) if (channel !== undefined) addChannel(lanes, day, channel, window);
  }
  const found = [...lanes].filter(([, { slots }]) => slots.length > 0).sort(([one], [other]) => (one < other ? -1 : 1));
  return found.map(([, { lane, slots }]) => ({ lane, slots: slots.sort((a, b) => a.end - b.end) }));
}

/**
 * Puts on record that telemetry is about to be opened: everything that is kept of a meter, or of all. Telemetry doesn't say whose
 * it is, so whoever ever had the usage points is named, and the utility.
 */
export async function recordTelemetryAccess(
  platform: Platform,
  meterId: string | undefined,
  on: Pick<SubjectRequest, 'purpose' | 'person'>,
): Promise<void> {
  const meters = meterId === undefined ? [...(await metersOf(platform, UTILITY))] : [meterId];
  const points = (await pointOf(platform, meters)).flat();
  const subjects = new Set([UTILITY, ...points.flatMap(({ tenancy }) => tenancy.map(({ subject }) => subject))]);
  await openSubjectData(platform, { ...on, from: 0, until: platform.clock.now() + DAY_MS, subjects });
}

async function streamsOf(platform: Platform, { from, until }: Window, { meter, point }: Selection): Promise<string[]> {
  const date = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const [first, last] = [date(from - ZONES_SECONDS), date(until + ZONES_SECONDS)];
  const held = point === undefined ? undefined : (await usagePointState(platform, point)).installations;
  const meters = held === undefined ? [meter] : [...new Set(held.map(({ meterId }) => meterId))];
  const streams: string[] = [];
  for (const meterId of meters) {
    for await (const stream of platform.events.streams(`meterday/${meterId === undefined ? '' : `${meterId}/`}`)) {
      const { day } = dayOfStream(stream);
      if (day >= first && day <= last) streams.push(stream);
    }
  }
  return streams;
}

/** @returns undefined before it has an outcome */
async function closedDay(platform: Platform, stream: string, access: SubjectAccess): Promise<OpenDay | undefined> {
  const state = await foldDay(platform, stream, access);
  return state.status === 'open' && state.outcome !== undefined ? state : undefined;
}

const view = emptyView();

function addChannel(lanes: Map<string, OpenLane>, day: OpenDay, channel: ChannelState, { from, until }: Window): void {
  const { usagePoint, meterId, start, minutes } = day.frame;
  const { direction, unit } = channel.asset;
  const key = `${usagePoint}/${meterId}/${String(channel.channel).padStart(3, '0')}/${minutes}`;
  const known = lanes.get(key) ?? { lane: { usagePoint, meterId, channel: channel.channel, direction, unit, minutes }, slots: [] };
  lanes.set(key, known);
  for (let i = 0; i < day.slots; i++) {
    const end = start + (i + 1) * minutes * 60;
    if (end > from && end <= until) known.slots.push(slotAt(day, channel, i, end));
  }
}

function slotAt(day: OpenDay, channel: ChannelState, i: number, end: number): Slot {
  viewSlot(channel, i, true, view);
  const { counts, source, confidence, edited } = view;
  const register = channel.registers[i]!;
  const edit = edited ? channel.edited!.edit[i]! : 0;
  return {
    end,
    energyWh: counts === NO_COUNTS ? null : counts * channel.perCount,
    source: SLOT_SOURCES[source & ~SCALED]!,
    scaled: (source & SCALED) !== 0,
    confidence,
    revision: day.outcome!.revision,
    final: day.final,
    register: register < 0 ? null : register * channel.perCount,
    edit: edit === 0 ? null : { number: edit, reason: day.edits.find((one) => one.edit === edit)?.reason ?? '' },
  };
}
