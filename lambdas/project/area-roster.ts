import type { SlotFold } from '../../domain/telemetry/slot-fold.ts';
import type { AssetRecord, DomainEvent } from '../../events/index.ts';
import type { ReadTable } from '../../platform/ports/read-models.ts';
import { type ItemChanges, jsonKind } from './item-changes.ts';

/** Partition of the items that say how many homes each leaf has, one per segment. Counts alone: no meter, no customer. */
export const ROSTER = 'roster';

/** `<class>/<minutes>` of homes, with `/export` where the meter tells of export: how many came (or went, below zero) with the slot behind each slot index. */
type Steps = Record<string, Record<number, number>>;
/** By leaf. */
export type Roster = Record<string, Steps>;

export const ROSTER_KIND = jsonKind<Roster>();

/** Homes of a leaf that report at one cadence, at one time. */
export interface RosterCount {
  readonly meterClass: 'residential' | 'commercial';
  readonly minutes: number;
  /** Their meters tell of export. */
  readonly exports: boolean;
  readonly homes: number;
}

/** Homes that come, go, and change their leaf. @param fold the segment before the commit @param version of its first event */
export function noteRoster(
  changes: ItemChanges<Roster>,
  events: readonly DomainEvent[],
  fold: Pick<SlotFold, 'assetOf'>,
  segment: string,
  version: number,
): void {
  const since = new Map<string, AssetRecord | undefined>();
  const before = (meterId: string) => (since.has(meterId) ? since.get(meterId) : fold.assetOf(meterId));
  for (const event of events) {
    const step = stepOf(event, before);
    if (step === undefined) continue;
    const { meterId, at, was, is } = step;
    since.set(meterId, is);
    const apply = (roster: Roster) => {
      count(roster, was, at, -1);
      count(roster, is, at, 1);
    };
    changes.add({ partition: ROSTER, sort: segment }, version, apply, () => ({}));
  }
}

interface Step {
  readonly meterId: string;
  /** UTC ms. */
  readonly at: number;
  readonly was: AssetRecord | undefined;
  readonly is: AssetRecord | undefined;
}

function stepOf(event: DomainEvent, before: (meterId: string) => AssetRecord | undefined): Step | undefined {
  if (event.type === 'MeterJoined') {
    const { meterId, at, asset } = event.data;
    return { meterId, at, was: before(meterId), is: asset };
  }
  if (event.type === 'MeterLeft') return { meterId: event.data.meterId, at: event.data.at, was: before(event.data.meterId), is: undefined };
  if (event.type !== 'MemberAmended') return undefined;
  const { meterId, at, asset, status } = event.data;
  const was = before(meterId);
  if (was === undefined) return undefined;
  const is = status === 'retired' ? undefined : (asset ?? was);
  return { meterId, at, was, is };
}

/** Who is here, where the commits by which they came are not kept any more: takes the place of what was known. */
export function noteRosterOf(
  changes: ItemChanges<Roster>,
  members: Iterable<{ readonly asset: AssetRecord; readonly since: number; readonly status: string }>,
  segment: string,
  version: number,
): void {
  const here = [...members].filter(({ status }) => status !== 'retired');
  const apply = (roster: Roster) => {
    for (const leaf of Object.keys(roster)) delete roster[leaf];
    for (const { asset, since } of here) count(roster, asset, since, 1);
  };
  changes.add({ partition: ROSTER, sort: segment }, version, apply, () => ({}));
}

/** What feeders' heads measure is no home's. A slot counts when it ends behind the instant: so the grid of slots is exact enough. */
function count(roster: Roster, asset: AssetRecord | undefined, at: number, by: number): void {
  if (asset === undefined || asset.meterClass === 'grid') return;
  const { areaLeaf, intervalMinutes, meterClass = 'residential' } = asset;
  const slot = Math.floor(at / (intervalMinutes * 60_000));
  const kind = `${meterClass}/${intervalMinutes}${tellsExport(asset) ? EXPORT : ''}`;
  const leaf = ownOf(roster, areaLeaf);
  const steps = leaf[kind] ?? {};
  leaf[kind] = steps;
  const total = (steps[slot] ?? 0) + by;
  if (total === 0) delete steps[slot];
  else steps[slot] = total;
}

const EXPORT = '/export';

/** Whether the meter measures what is fed in. */
export function tellsExport({ channels }: AssetRecord): boolean {
  return channels.some(({ direction, unit }) => direction === 'export' && unit === 'Wh');
}

function ownOf(roster: Roster, leaf: string): Steps {
  const known = Object.hasOwn(roster, leaf) ? roster[leaf]! : {};
  if (!Object.hasOwn(roster, leaf))
    Object.defineProperty(roster, leaf, { value: known, enumerable: true, configurable: true, writable: true });
  return known;
}

/** Everybody who is anywhere: read once, asked often. */
export async function readRosters(sums: ReadTable): Promise<Rosters> {
  const rosters: Roster[] = [];
  for await (const { value } of sums.query(ROSTER, '')) rosters.push(ROSTER_KIND.read(value));
  return new Rosters(rosters);
}

/** Homes by leaf and time, over all segments. */
export class Rosters {
  readonly #leaves = new Map<string, Map<string, [slot: number, change: number][]>>();

  constructor(rosters: readonly Roster[]) {
    for (const [leaf, kinds] of rosters.flatMap((roster) => Object.entries(roster))) {
      const there = this.#leaves.get(leaf) ?? new Map<string, [number, number][]>();
      this.#leaves.set(leaf, there);
      for (const [kind, steps] of Object.entries(kinds)) {
        const list = there.get(kind) ?? [];
        for (const [slot, change] of Object.entries(steps)) list.push([Number(slot), change]);
        there.set(kind, list);
      }
    }
  }

  /** Leaves that ever had a home, in order. */
  get leaves(): readonly string[] {
    return [...this.#leaves.keys()].sort();
  }

  /** Homes whose slot that ends then, or is the last to have ended, is expected. @param end UTC s */
  at(leaf: string, end: number): readonly RosterCount[] {
    const counts: RosterCount[] = [];
    for (const [kind, steps] of this.#leaves.get(leaf) ?? []) {
      const [meterClass, cadence] = kind.split('/') as [RosterCount['meterClass'], string];
      const minutes = Number(cadence);
      const slot = Math.floor(end / (minutes * 60));
      const homes = steps.reduce((sum, [from, change]) => sum + (from < slot ? change : 0), 0);
      if (homes > 0) counts.push({ meterClass, minutes, exports: kind.endsWith(EXPORT), homes });
    }
    return counts;
  }

  /** Kinds of homes of which one is there at any time of the interval. @param from UTC s @param end UTC s */
  during(leaf: string, from: number, end: number): readonly Pick<RosterCount, 'meterClass' | 'minutes'>[] {
    return [...(this.#leaves.get(leaf) ?? [])].flatMap(([kind, steps]) => {
      const [meterClass, cadence] = kind.split('/') as [RosterCount['meterClass'], string];
      const minutes = Number(cadence);
      const [first, last] = [from, end].map((at) => Math.floor(at / (minutes * 60))) as [number, number];
      const before = steps.reduce((sum, [slot, change]) => sum + (slot < first ? change : 0), 0);
      const came = steps.some(([slot, change]) => change > 0 && slot >= first && slot < last);
      return before > 0 || came ? [{ meterClass, minutes }] : [];
    });
  }
}
