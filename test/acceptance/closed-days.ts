import { expect } from 'vitest';
import { emptyView, isEstimate, viewSlot } from '../../domain/meterday/effective.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import type { Reading } from '../../domain/telemetry/readings.ts';
import { NO_COUNTS } from '../../events/index.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';

/** Every meter day there is, whosever it is. */
export async function closedDays(platform: Platform): Promise<OpenDay[]> {
  const streams: string[] = [];
  const subjects = new Set<string>();
  for await (const stream of platform.events.streams('meterday/')) {
    streams.push(stream);
    for (const row of await platform.events.rowsOf(stream)) subjects.add(subjectOfRow(row)!.subject);
  }
  const access = await openSubjectData(platform, { purpose: 'audit', from: 0, until: 4e12, subjects });
  const days: OpenDay[] = [];
  for (const stream of streams) {
    let state: MeterDayState = meterDay.initial;
    for await (const { events } of platform.events.read(stream, 0, access))
      for (const event of events) state = meterDay.evolve(state, event);
    if (state.status === 'open') days.push(state);
  }
  return days;
}

/** Each reading of the segments stands in its day, slot by slot; what days hold besides is estimated, and says so. @returns slots compared */
export function expectReadings(days: readonly OpenDay[], fold: { sorted(): Iterable<Reading> }): number {
  const byMeter = Map.groupBy(days, ({ frame }) => frame.meterId);
  const view = emptyView();
  let slots = 0;
  for (const { meterId, channel, end, energyWh } of fold.sorted()) {
    const day = byMeter.get(meterId)?.find(({ frame }) => end > frame.start && end <= frame.end);
    const lane = day?.channels[channel];
    const slot = day === undefined ? -1 : (end - day.frame.start) / (day.frame.minutes * 60) - 1;
    if (lane === undefined || lane.counts[slot]! * lane.perCount !== energyWh)
      throw new Error(`${meterId} ${channel} ${end}: ${energyWh} Wh in the segment, ${lane?.counts[slot]} counts in its day`);
    slots++;
  }
  for (const day of days) {
    let counts = 0;
    for (let slot = 0; slot < day.slots; slot++) {
      viewSlot(day.channels[0]!, slot, true, view);
      if (view.counts !== NO_COUNTS) counts += view.counts;
      if (day.channels[0]!.counts[slot] === NO_COUNTS) expect(isEstimate(view.source)).toBe(true);
    }
    expect(day.outcome?.channels[0]?.energyWh).toBe(counts * day.channels[0]!.perCount);
  }
  return slots;
}
