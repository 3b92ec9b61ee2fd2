import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import { type RegisterStep, registerAt } from '../../domain/meterday/register-at.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { installationAt } from '../../domain/usagepoint/queries.ts';
import type { Installation, OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { JoulekeepError, type MoveRead, NO_COUNTS } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { foldDay, openDays } from '../shared/days/day-streams.ts';
import { localDayOfSlot, plusDays } from '../shared/days/local-days.ts';

/** Local days on either side in which a register is looked for. */
const AROUND = 3;

/**
 * Registers of the meters at a move, from the closed days around it. Opens them under its own record.
 * @param instant UTC ms, on the grid of the intervals
 * @throws ERR_MOVE_READ where a register is known on one side alone, or no meter hangs there
 */
export async function interpolatedReads(
  platform: Platform,
  point: OpenUsagePoint,
  instant: number,
): Promise<readonly Omit<MoveRead, 'at'>[]> {
  const meters = new Set(point.installations.map(({ meterId }) => meterId));
  const held = [...meters].flatMap((id) => installationAt(point, id, instant) ?? installationAt(point, id, instant - 1) ?? []);
  if (held.length === 0) throw new JoulekeepError('ERR_MOVE_READ', `no meter hangs at ${point.usagePoint} then`);
  return await Promise.all(held.map((meter) => readOf(platform, point, meter, instant)));
}

async function readOf(
  platform: Platform,
  { zone }: OpenUsagePoint,
  { meterId, asset }: Installation,
  instant: number,
): Promise<Omit<MoveRead, 'at'>> {
  const days = await daysAround(platform, meterId, localDayOfSlot(instant / 1000, zone).day);
  const registers = asset.channels.map(({ dials }, channel) => {
    const counts = registerAt(stepsOf(days, channel), instant / 1000, 10 ** dials);
    if (counts === undefined)
      throw new JoulekeepError('ERR_MOVE_READ', `${meterId}: the register of channel ${channel} is not known on both sides of the move`);
    return { channel, counts };
  });
  return { meterId, instant, registers, kind: 'interpolated' };
}

async function daysAround(platform: Platform, meterId: string, day: string): Promise<OpenDay[]> {
  const streams: string[] = [];
  for (let i = -AROUND; i <= AROUND; i++) {
    for await (const stream of platform.events.streams(`meterday/${meterId}/${plusDays(day, i)}`)) streams.push(stream);
  }
  if (streams.length === 0) return [];
  const access = await openDays(
    platform,
    'billing',
    streams.map((stream) => ({ stream })),
  );
  const days: OpenDay[] = [];
  for (const stream of streams) {
    const state = await foldDay(platform, stream, access);
    if (state.status === 'open') days.push(state);
  }
  return days.sort((a, b) => a.frame.start - b.frame.start);
}

const view = emptyView();

/** Slots of the days in order; a day that is not there leaves a step whose counts nobody knows. */
function stepsOf(days: readonly OpenDay[], number: number): RegisterStep[] {
  const steps: RegisterStep[] = [];
  for (const { frame, slots, channels } of days) {
    const channel = channels[number];
    if (channel === undefined) continue;
    const last = steps.at(-1)?.end;
    if (last !== frame.start) steps.push({ end: frame.start, counts: -1, register: channel.registerBefore });
    else if (steps.at(-1)!.register < 0) steps[steps.length - 1] = { ...steps.at(-1)!, register: channel.registerBefore };
    for (let slot = 0; slot < slots; slot++) {
      viewSlot(channel, slot, true, view);
      const counts = view.counts === NO_COUNTS ? -1 : view.counts;
      steps.push({ end: frame.start + (slot + 1) * frame.minutes * 60, counts, register: channel.registers[slot]! });
    }
  }
  return steps;
}
