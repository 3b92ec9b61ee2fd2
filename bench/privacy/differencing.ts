import { area as areaStream, firstRelease, revisionOf } from '../../domain/demand/area.ts';
import { toldOf } from '../../domain/demand/area-state.ts';
import { compositionOf, type DisclosureGate, NOBODY } from '../../domain/privacy/gate.ts';
import { ReleaseLedger } from '../../domain/privacy/ledger.ts';
import { type Area, partitionOf } from '../../domain/privacy/partition.ts';
import { DISCLOSURE_POLICY } from '../../domain/privacy/policy.ts';
import type { PseudoHome } from './population.ts';

const MINUTES = 30;
const STEP = MINUTES * 60;
const DAY_MS = 86_400_000;
const ITEM = { jws: '', hash: '', at: 0 };

export interface Differences {
  /** Cells that went out, and how many of them were revisions. */
  readonly cells: number;
  readonly revisions: number;
  /** Pairs of cells of one interval that are not of the same homes. */
  readonly pairs: number;
  /** Of these, pairs that differ by fewer homes than the smallest cell holds: nine tenths of the gate. */
  readonly isolating: number;
  /** The fewest homes by which any two differ. */
  readonly fewest: number;
  /** Revisions by fewer homes than the gate wants, if every late value made one. */
  readonly isolatingUnguarded: number;
}

/** Values in the smallest cell that may go out. */
const FEWEST = (DISCLOSURE_POLICY.residential * DISCLOSURE_POLICY.readPercent) / 100;
/** Sizes of the leaves; the first is too small and has a neighbour, the last has none. */
const SIZES = [60, 130, 180, 400, 70];
/** How often a home's half-hour comes after the first release. */
const LATE = 0.02;
/** Of the intervals one is lost on the way for more homes than the gate: those are told again. */
const OUTAGE = 0.05;

/**
 * A week of a town: areas, parents, the town, revisions after each late value and at D+5, research steps. Who is in each cell is
 * known here, so any two cells of an interval can be held against each other.
 */
export function measureDifferences(homes: readonly PseudoHome[], gate: DisclosureGate, random: () => number): Differences {
  const leaves = SIZES.map((size, i) => ({
    id: `leaf-${i}`,
    composition: compositionOf(homes.slice(0, size).map(({ customer }) => customer)),
    neighbours: i === 0 ? ['leaf-1'] : [],
  }));
  const ids = leaves.map(({ id }) => id);
  const parents = [
    { id: 'town', leaves: ids },
    { id: 'centre', leaves: ids.slice(0, 3) },
    { id: 'outer', leaves: ids.slice(2, 4) },
  ];
  const partition = partitionOf({ quarter: '2013-Q1', leaves, parents }, gate);
  const total = { cells: 0, revisions: 0, pairs: 0, isolating: 0, fewest: Number.POSITIVE_INFINITY, isolatingUnguarded: 0 };
  for (let interval = 0; interval < homes[0]!.values.length; interval++) {
    const told = partition.areas.map((area) => tellInterval(area, interval, homes, gate, random));
    for (const { unguarded } of told) total.isolatingUnguarded += unguarded;
    total.revisions += told.reduce((sum, { versions }) => sum + versions.length - 1, 0);
    const current = new Map(told.map(({ area, versions }) => [area, versions.at(-1)!]));
    const sums = partition.parents
      .filter(({ published }) => published)
      .map(({ atoms }) => union(atoms.flatMap(({ id }) => current.get(id) ?? [])));
    count(total, [...told.flatMap(({ versions }) => versions), ...sums]);
  }
  return total;
}

type Cell = ReadonlySet<number>;

function union(cells: readonly Cell[]): Cell {
  return cells.reduce((all, cell) => all.union(cell), new Set<number>());
}

function count(total: { -readonly [Key in keyof Differences]: Differences[Key] }, cells: readonly Cell[]): void {
  total.cells += cells.length;
  for (const [i, a] of cells.entries()) {
    for (const b of cells.slice(i + 1)) {
      const differ = a.symmetricDifference(b).size;
      if (differ === 0) continue;
      total.pairs++;
      total.fewest = Math.min(total.fewest, differ);
      if (differ < FEWEST) total.isolating++;
    }
  }
}

/** Homes whose values are in each version of the cell that went out. */
function tellInterval(
  { id, leaves, composition }: Area,
  interval: number,
  homes: readonly PseudoHome[],
  gate: DisclosureGate,
  random: () => number,
) {
  const members = leaves.flatMap((leaf) => membersOf(Number(leaf.slice('leaf-'.length))));
  const lost = random() < OUTAGE ? 0.35 : LATE;
  const waiting = members.filter(() => random() < lost);
  const here = new Set(members).difference(new Set(waiting));
  const judged = { area: id, intervalMinutes: MINUTES, slotsPerHome: 1 };
  const end = (interval + 1) * STEP;
  const demand = () => ({
    end,
    importWh: energyOf(here, interval, homes),
    exportWh: 0,
    counts: { expected: members.length, measured: here.size, held: 0, exporting: 0 },
  });
  const versions: Cell[] = [];
  let unguarded = 0;
  let state = areaStream.initial;
  const tell = (item: ReturnType<typeof firstRelease>) => {
    if (item.type === 'AreaDemandPublished' || item.type === 'AreaRevised') versions.push(new Set(here));
    const command = { ...item, item: { ...ITEM, seq: state.seq + 1, prevHash: state.hash } };
    for (const event of areaStream.decide(command, state)) state = areaStream.evolve(state, event);
  };
  const ledger = new ReleaseLedger(gate);
  ledger.open([{ id, leaves, composition }], { from: end - STEP, until: end, stepSeconds: STEP });
  const present = { customers: composition, exporters: NOBODY, idle: 0 };
  tell(firstRelease(judged, demand(), present, ledger));
  const rounds = [...chunks(waiting, 3), []];
  for (const [round, arrived] of rounds.entries()) {
    for (const home of arrived) here.add(home);
    if (arrived.length > 0 && arrived.length < DISCLOSURE_POLICY.residential) unguarded++;
    const now = end * 1000 + (round === rounds.length - 1 ? 6 * DAY_MS : (round + 1) * 3_600_000);
    const told = toldOf(state, end);
    const item = told && revisionOf(judged, told, demand(), present, now, ledger);
    if (item !== undefined) tell(item);
  }
  return { area: id, versions, unguarded };
}

function membersOf(leaf: number): number[] {
  const first = SIZES.slice(0, leaf).reduce((sum, size) => sum + size, 0);
  return Array.from({ length: SIZES[leaf]! }, (_, i) => first + i);
}

function energyOf(members: ReadonlySet<number>, interval: number, homes: readonly PseudoHome[]): number {
  let energyWh = 0;
  for (const home of members) energyWh += homes[home % homes.length]!.values[interval]!;
  return energyWh;
}

function chunks<Value>(values: readonly Value[], count: number): Value[][] {
  const size = Math.max(1, Math.ceil(values.length / count));
  return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size));
}
