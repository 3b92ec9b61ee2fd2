import { NO_VALUE } from '../../events/index.ts';
import type { ReadTable } from '../../platform/ports/read-models.ts';
import { type ItemChanges, jsonKind } from './item-changes.ts';
import { energyOf, type HourReadings, hourOf, hourSort, isTotalEnergy, type SlotReading } from './slot-readings.ts';

/** What each segment adds to an area in an hour, slot by slot. Nobody's: no meter, no customer, no field that could carry one. */
export const AREA_SUMS = 'area-sums';

/** Exact sums of active energy, Wh, and counts of homes. */
export interface AreaSum {
  importWh: number;
  exportWh: number;
  /** Homes whose import is in the sum. */
  measured: number;
  /** Homes whose import came and waits for a decision. */
  held: number;
  /** Homes whose export is in the sum. */
  exporting: number;
}

/** By seconds from the begin of the hour to the end of the slot. */
export type AreaHour = Record<number, AreaSum>;

export const AREA_KIND = jsonKind<AreaHour>();

/** What a commit adds. @param version of its first event */
export function addToAreas(changes: ItemChanges<AreaHour>, hours: HourReadings, segment: string, version: number): void {
  for (const [hour, readings] of hours) {
    for (const [leaf, sums] of leavesOf(hour, readings)) {
      const apply = (there: AreaHour) => addHour(there, sums);
      changes.add({ partition: leaf, sort: `${hourSort(hour)}/${segment}` }, version, apply, () => ({}));
    }
  }
}

function leavesOf(hour: number, readings: readonly SlotReading[]): Map<string, AreaHour> {
  const leaves = new Map<string, AreaHour>();
  for (const reading of readings) {
    if (!isTotalEnergy(reading)) continue;
    const { asset, end } = reading;
    const partition = asset.meterClass === 'grid' ? feederOf(asset.areaLeaf) : asset.areaLeaf;
    const sums = leaves.get(partition) ?? {};
    leaves.set(partition, sums);
    addReading(sumAt(sums, end - hour), reading);
  }
  return leaves;
}

/** Where the sums of a feeder's heads are: beside those of the homes behind them, never among them. */
function feederOf(leaf: string): string {
  return `feeder/${leaf}`;
}

function addReading(sum: AreaSum, { asset, channel, counts, held }: SlotReading): void {
  const kind = asset.channels[channel]!;
  const energyWh = counts === NO_VALUE ? 0 : energyOf(counts, kind);
  if (kind.direction === 'import') {
    sum.importWh += energyWh;
    if (counts !== NO_VALUE) sum.measured++;
    if (held) sum.held++;
    return;
  }
  sum.exportWh += energyWh;
  if (counts !== NO_VALUE) sum.exporting++;
}

function addHour(there: AreaHour, sums: AreaHour): void {
  for (const [offset, sum] of Object.entries(sums)) addSum(sumAt(there, Number(offset)), sum);
}

function sumAt(sums: AreaHour, offset: number): AreaSum {
  const sum = sums[offset] ?? emptySum();
  sums[offset] = sum;
  return sum;
}

export function addSum(total: AreaSum, { importWh, exportWh, measured, held, exporting }: AreaSum): void {
  total.importWh += importWh;
  total.exportWh += exportWh;
  total.measured += measured;
  total.held += held;
  total.exporting += exporting;
}

/** The area at one interval: partial sums of its segments added up. @param end UTC s */
export async function areaAt(sums: ReadTable, leaf: string, end: number): Promise<AreaSum> {
  const hour = hourOf(end);
  return (await areaHour(sums, leaf, hour))[end - hour] ?? emptySum();
}

/** All slots of an hour, whatever their length. @param hour its begin, UTC s */
export async function areaHour(sums: ReadTable, leaf: string, hour: number): Promise<AreaHour> {
  const total: AreaHour = {};
  for await (const { value } of sums.query(leaf, `${hourSort(hour)}/`)) addHour(total, AREA_KIND.read(value));
  return total;
}

/** What the heads of a leaf's feeder measured in an hour. @param hour its begin, UTC s */
export async function feederHour(sums: ReadTable, leaf: string, hour: number): Promise<AreaHour> {
  return await areaHour(sums, feederOf(leaf), hour);
}

/** The same of a stretch, in one read: by end of the slot, UTC s. @param from UTC s @param until UTC s; a slot that ends then is in it */
export async function feederSlots(sums: ReadTable, leaf: string, from: number, until: number): Promise<ReadonlyMap<number, AreaSum>> {
  const slots = new Map<number, AreaSum>();
  // Sort keys are the hour, a slash, the segment: a nought comes behind every slash.
  const behind = `${hourSort(hourOf(until))}0`;
  for await (const { sort, value } of sums.range(feederOf(leaf), hourSort(hourOf(from + 1)), behind)) {
    const hour = Number(sort.split('/')[0]);
    for (const [offset, sum] of Object.entries(AREA_KIND.read(value))) {
      const end = hour + Number(offset);
      if (end <= from || end > until) continue;
      const total = slots.get(end) ?? emptySum();
      slots.set(end, total);
      addSum(total, sum);
    }
  }
  return slots;
}

export function emptySum(): AreaSum {
  return { importWh: 0, exportWh: 0, measured: 0, held: 0, exporting: 0 };
}
