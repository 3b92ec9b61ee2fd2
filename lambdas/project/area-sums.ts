import type { ReadTable } from '../../platform/ports/read-models.ts';
import { type ItemChanges, jsonKind } from './item-changes.ts';
import { isTotalEnergy, type SlotReading } from './slot-readings.ts';

/** What each segment adds to an area at an interval's end. Nobody's: no meter, no customer, no field that could carry one. */
export const AREA_SUMS = 'area-sums';

/** Exact sums of active energy, Wh, and counts of homes. */
export interface AreaSum {
  importWh: number;
  exportWh: number;
  /** Homes whose import is in the sum. */
  measured: number;
  /** Homes whose import came and waits for a decision. */
  held: number;
}

export const AREA_KIND = jsonKind<AreaSum>();

export function addToArea(changes: ItemChanges<AreaSum>, reading: SlotReading, segment: string): void {
  if (!isTotalEnergy(reading)) return;
  const { asset, channel, end, energyWh, held, version } = reading;
  const isImport = asset.channels[channel]!.direction === 'import';
  const apply = (sum: AreaSum) => {
    if (isImport) {
      sum.importWh += energyWh ?? 0;
      sum.measured += energyWh === undefined ? 0 : 1;
      sum.held += held ? 1 : 0;
    } else sum.exportWh += energyWh ?? 0;
  };
  changes.add({ partition: asset.areaLeaf, sort: `${sortOf(end)}/${segment}` }, version, apply, emptySum);
}

/** The area at one interval: partial sums of its segments added up. @param end UTC s */
export async function areaAt(sums: ReadTable, leaf: string, end: number): Promise<AreaSum> {
  const total = emptySum();
  for await (const { value } of sums.query(leaf, `${sortOf(end)}/`)) {
    const { importWh, exportWh, measured, held } = AREA_KIND.read(value);
    total.importWh += importWh;
    total.exportWh += exportWh;
    total.measured += measured;
    total.held += held;
  }
  return total;
}

function emptySum(): AreaSum {
  return { importWh: 0, exportWh: 0, measured: 0, held: 0 };
}

function sortOf(end: number): string {
  return String(end).padStart(10, '0');
}
