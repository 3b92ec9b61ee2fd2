import { firstRelease } from '../../domain/demand/area.ts';
import { compositionOf, type DisclosureGate, NOBODY } from '../../domain/privacy/gate.ts';
import { ReleaseLedger } from '../../domain/privacy/ledger.ts';
import { type Partition, partitionOf } from '../../domain/privacy/partition.ts';
import type { PseudoHome } from './population.ts';

const MINUTES = 30;
const STEP = MINUTES * 60;

/** What an operator would hold of some leaves: nothing but values that went out. */
export interface Published {
  readonly partition: Partition;
  /** Intervals of areas that went out. */
  readonly cells: number;
  /** Energy by area, Wh; only areas all of whose intervals went out. */
  readonly series: readonly Float64Array[];
}

/** Makes the partition of these leaves and tells their demand through the very rules of the service: gate, first release, ledger. */
export function publish(leaves: readonly (readonly PseudoHome[])[], gate: DisclosureGate): Published {
  const named = leaves.map((homes, i) => ({
    id: `leaf-${i}`,
    composition: compositionOf(homes.map(({ customer }) => customer)),
    neighbours: [],
  }));
  const partition = partitionOf({ quarter: '2013-Q1', leaves: named }, gate);
  const ledger = new ReleaseLedger(gate);
  const intervals = leaves[0]![0]!.values.length;
  ledger.open(partition.areas, { from: 0, until: intervals * STEP, stepSeconds: STEP });
  const series = partition.areas.map((area) => {
    const homes = area.leaves.flatMap((id) => leaves[Number(id.slice('leaf-'.length))]!);
    const { sums, measured } = sumOf(homes);
    const judged = { area: area.id, intervalMinutes: MINUTES, slotsPerHome: 1 };
    const present = { customers: area.composition, exporters: NOBODY, idle: 0 };
    return sums.map((importWh, i) => {
      const counts = { expected: homes.length, measured: measured[i]!, held: 0, exporting: 0 };
      const item = firstRelease(judged, { end: (i + 1) * STEP, importWh, exportWh: 0, counts }, present, ledger);
      return item.type === 'AreaDemandPublished' ? item.data.netWh : Number.NaN;
    });
  });
  return { partition, cells: ledger.told.get('area') ?? 0, series: series.filter((values) => !values.includes(Number.NaN)) };
}

/** Sums as the read model has them: what was not measured is in none, and is counted as missing. */
function sumOf(homes: readonly PseudoHome[]): { readonly sums: Float64Array; readonly measured: Uint32Array } {
  const sums = new Float64Array(homes[0]!.values.length);
  const measured = new Uint32Array(sums.length);
  for (const { values } of homes) {
    for (let i = 0; i < sums.length; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      sums[i]! += value;
      measured[i]!++;
    }
  }
  return { sums, measured };
}
