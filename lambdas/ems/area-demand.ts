import type { JudgedArea, MeasuredDemand, PresentHomes } from '../../domain/demand/area.ts';
import type { FeederInterval } from '../../domain/demand/balance.ts';
import { type Composition, customersIn, NOBODY, together } from '../../domain/privacy/gate.ts';
import type { Area } from '../../domain/privacy/partition.ts';
import type { PublishedArea } from '../../events/index.ts';
import type { ReadModels } from '../../platform/ports/read-models.ts';
import type { RosterCount, Rosters } from '../project/area-roster.ts';
import { AREA_SUMS, type AreaHour, type AreaSum, addSum, areaHour, emptySum, feederHour } from '../project/area-sums.ts';
import { COMPOSITIONS, type LeafComposition, readCompositions } from '../project/compositions.ts';
import { hourOf } from '../project/slot-readings.ts';

const HOUR = 3_600;

/** What is read of an hour of a leaf: its homes, or its feeder's heads. */
type HourOf = (leaf: string, hour: number) => Promise<AreaHour>;

/**
 * Demand of areas from the sums of their leaves, in one run. Reads no subject's data: sums, numbers of homes, and how leaves are
 * made up. Hours are read once.
 */
export class AreaReader {
  readonly rosters: Rosters;
  readonly #models: ReadModels;
  readonly #homes = new Map<string, Promise<AreaHour>>();
  readonly #heads = new Map<string, Promise<AreaHour>>();
  readonly #compositions = new Map<string, ReadonlyMap<string, LeafComposition>>();

  constructor(models: ReadModels, rosters: Rosters) {
    this.#models = models;
    this.rosters = rosters;
  }

  /** Whether anybody is there. @param end UTC s */
  isSettled({ leaves }: PublishedArea, end: number): boolean {
    return leaves.some((leaf) => this.#homesAt(leaf, end) > 0);
  }

  /** The interval that ends then, of all leaves of the area. @param end UTC s */
  async demand({ leaves, intervalMinutes }: PublishedArea, end: number): Promise<MeasuredDemand> {
    const { importWh, exportWh, measured, held, exporting } = await this.#sum(leaves, intervalMinutes, end, this.#homesHour);
    const expected = leaves.reduce((sum, leaf) => sum + this.#expected(leaf, intervalMinutes, end), 0);
    return { end, importWh, exportWh, counts: { expected, measured, held, exporting } };
  }

  /** What the heads of a leaf's feeder measured beside the homes behind them; undefined where no head did. @param end UTC s */
  async feeder(leaf: string, intervalMinutes: number, end: number): Promise<FeederInterval | undefined> {
    const head = await this.#sum([leaf], intervalMinutes, end, this.#headsHour);
    if (head.measured === 0) return undefined;
    const homes = await this.#sum([leaf], intervalMinutes, end, this.#homesHour);
    return {
      ...{ headImportWh: head.importWh, headExportWh: head.exportWh },
      ...{ homesImportWh: homes.importWh, homesExportWh: homes.exportWh },
      ...{ expected: this.#expected(leaf, intervalMinutes, end), measured: homes.measured },
      ...{ expectedExporting: this.#expected(leaf, intervalMinutes, end, ({ exports }) => exports), exporting: homes.exporting },
    };
  }

  /** As it is judged then: with the cadence of the fastest meter that is there or was when the quarter began, so that homes never count twice. @param end UTC s */
  judged({ area, leaves, intervalMinutes, slotsPerHome }: PublishedArea, end: number): JudgedArea {
    const slots = this.#during(leaves, intervalMinutes, end).map(({ minutes }) => Math.ceil(intervalMinutes / minutes));
    return { area, intervalMinutes, slotsPerHome: Math.max(slotsPerHome, ...slots) };
  }

  /** As when the quarter began, less those who have left since; who came since counts for the next one. @param end UTC s */
  async present(quarter: string, { leaves, intervalMinutes }: PublishedArea, end: number): Promise<PresentHomes> {
    const known = await this.#composed(quarter);
    const telling = leaves.map((leaf) => this.#homesAt(leaf, end, ({ exports }) => exports));
    const customers = together(leaves.map((leaf) => without(known.get(leaf), this.#homesAt(leaf, end))));
    const exporters = together(leaves.map((leaf, i) => without(known.get(leaf)?.exporters, telling[i]!)));
    const idle = Math.max(0, telling.reduce((sum, homes) => sum + homes, 0) - customersIn(exporters));
    const others = this.#during(leaves, intervalMinutes, end).some(({ meterClass }) => meterClass !== 'residential');
    return { customers, exporters, idle, ...(others ? { others: true } : {}) };
  }

  /** As when the quarter began. */
  async opened(quarter: string, { area: id, leaves, apart }: PublishedArea): Promise<Area> {
    const known = await this.#composed(quarter);
    const composition = together(leaves.map((leaf) => known.get(leaf) ?? NOBODY));
    const exporters = together(leaves.map((leaf) => known.get(leaf)?.exporters ?? NOBODY));
    return { id, leaves, composition, exporters: apart ? exporters : NOBODY };
  }

  async #composed(quarter: string): Promise<ReadonlyMap<string, LeafComposition>> {
    const known = this.#compositions.get(quarter) ?? (await readCompositions(this.#models.table(COMPOSITIONS), quarter)) ?? new Map();
    this.#compositions.set(quarter, known);
    return known;
  }

  #homesHour: HourOf = (leaf, hour) => kept(this.#homes, `${leaf}/${hour}`, () => areaHour(this.#models.table(AREA_SUMS), leaf, hour));
  #headsHour: HourOf = (leaf, hour) => kept(this.#heads, `${leaf}/${hour}`, () => feederHour(this.#models.table(AREA_SUMS), leaf, hour));

  async #sum(leaves: readonly string[], minutes: number, end: number, hourOfLeaf: HourOf): Promise<AreaSum> {
    const total = emptySum();
    const from = end - minutes * 60;
    for (const leaf of leaves) {
      for (let hour = hourOf(from + 1); hour < end; hour += HOUR) {
        for (const [offset, sum] of Object.entries(await hourOfLeaf(leaf, hour))) {
          const slotEnd = hour + Number(offset);
          if (slotEnd > from && slotEnd <= end) addSum(total, sum);
        }
      }
    }
    return total;
  }

  #expected(leaf: string, intervalMinutes: number, end: number, counts: (count: RosterCount) => boolean = everybody): number {
    const from = end - intervalMinutes * 60;
    const cadences = new Set(this.rosters.at(leaf, end).map(({ minutes }) => minutes));
    let slots = 0;
    for (const minutes of cadences) {
      for (let slotEnd = from + minutes * 60; slotEnd <= end; slotEnd += minutes * 60) {
        const there = this.rosters.at(leaf, slotEnd).filter((count) => count.minutes === minutes && counts(count));
        slots += there.reduce((sum, { homes }) => sum + homes, 0);
      }
    }
    return slots;
  }

  #during(leaves: readonly string[], intervalMinutes: number, end: number): ReturnType<Rosters['during']> {
    return leaves.flatMap((leaf) => this.rosters.during(leaf, end - intervalMinutes * 60, end));
  }

  #homesAt(leaf: string, end: number, counts: (count: RosterCount) => boolean = everybody): number {
    return this.rosters
      .at(leaf, end)
      .filter(counts)
      .reduce((sum, { homes }) => sum + homes, 0);
  }
}

function everybody(): boolean {
  return true;
}

/** Whoever left may have been anybody's: a residential customer and another one less for each. */
function without(then: (Composition & { readonly homes: number }) | undefined, homesNow: number): Composition {
  const { residential = 0, others = 0, largestWh = 0, totalWh = 0, homes = 0 } = then ?? {};
  const left = Math.max(0, homes - homesNow);
  return { residential: Math.max(0, residential - left), others: Math.max(0, others - left), largestWh, totalWh };
}

function kept(hours: Map<string, Promise<AreaHour>>, key: string, read: () => Promise<AreaHour>): Promise<AreaHour> {
  const hour = hours.get(key) ?? read();
  hours.set(key, hour);
  return hour;
}
