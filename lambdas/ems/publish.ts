import { type AreaItem, firstRelease, revisionOf } from '../../domain/demand/area.ts';
import { type AreaState, isForecastTold, toldOf } from '../../domain/demand/area-state.ts';
import { type ForecastState, forecastStream } from '../../domain/demand/forecast/forecast-stream.ts';
import { dueUntil, isLate } from '../../domain/demand/lateness.ts';
import type { QuarterPartition } from '../../domain/demand/partition-stream.ts';
import { quarterAt, quarterEnd, quarterStart } from '../../domain/demand/quarter.ts';
import { type DisclosureGate, disclosureGate } from '../../domain/privacy/gate.ts';
import type { ReleaseLedger } from '../../domain/privacy/ledger.ts';
import type { AreaDemand, PublishedArea } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { forecastStreamOf } from '../forecast/run-forecasts.ts';
import { readRosters } from '../project/area-roster.ts';
import { AREA_SUMS } from '../project/area-sums.ts';
import { openArea, releaseLedger } from '../shared/release-ledger.ts';
import { foldStream, WarmStreams } from '../shared/streams.ts';
import { AreaReader } from './area-demand.ts';
import { doubtOf, type ForecastOf } from './doubts.ts';
import { partitionsAt } from './partition.ts';
import { Teller } from './teller.ts';

const DAY = 86_400;
/** Days in which late data still makes a revision. */
const REVISED_DAYS = 6;
const WARM_AREAS = 4_096;
/** Items judged before they are told: what is in memory stays small after an outage. */
const ITEMS_AT_ONCE = 96;

export interface Told {
  readonly areas: number;
  readonly demands: number;
  readonly revisions: number;
  readonly suppressed: number;
  readonly doubts: number;
  readonly forecasts: number;
  /** Areas whose feed was behind what it promises when the run began. */
  readonly late: number;
}

/** Tells the operator what is due: partition, intervals, revisions, doubts. */
export class Publisher {
  readonly #platform: Platform;
  readonly #gate: DisclosureGate;
  readonly #defences: Defences;
  readonly #forecastOf: ForecastOf;
  readonly #teller: Teller;
  readonly #made = new WarmStreams<ForecastState>(WARM_AREAS);
  #revisedAt = 0;

  constructor(platform: Platform, defences: Defences, forecastOf: ForecastOf) {
    this.#platform = platform;
    this.#gate = disclosureGate(defences.disclosureGate);
    this.#defences = defences;
    this.#forecastOf = forecastOf;
    this.#teller = new Teller(platform, defences);
  }

  async run(): Promise<Told> {
    const { models, clock } = this.#platform;
    const now = clock.now();
    const rosters = await readRosters(models.table(AREA_SUMS));
    const reader = new AreaReader(models, rosters);
    const partitions = await partitionsAt(this.#teller, { models, rosters, now, gate: this.#gate });
    const total = { areas: 0, demands: 0, revisions: 0, suppressed: 0, doubts: 0, forecasts: 0, late: 0 };
    // Late data comes all day; what was told before is looked at again once an hour.
    const revises = now - this.#revisedAt >= 3_600_000;
    const ledger = releaseLedger(this.#defences);
    for (const partition of partitions) {
      for (const area of partition.areas) await this.#tellArea(reader, partition, area, { now, revises, total, ledger });
    }
    if (revises) this.#revisedAt = now;
    return total;
  }

  async #tellArea(reader: AreaReader, partition: QuarterPartition, area: PublishedArea, run: Run): Promise<void> {
    const { now, revises, total } = run;
    const state = await this.#teller.areaState(area.area);
    await openTold(run.ledger, reader, partition, area, state);
    const isCurrent = partition.quarter === quarterAt(now);
    if (isCurrent) total.areas++;
    if (isCurrent && state.toldUntil > 0 && isLate(state.toldUntil, now, area.intervalMinutes)) total.late++;
    const fresh: Fresh = new Map();
    const items: AreaItem[] = revises ? await this.#revisions(reader, partition, area, state, run) : [];
    for (const end of dueEnds(partition, area, state, now)) {
      if (state.toldUntil === 0 && items.length === 0 && !reader.isSettled(area, end)) continue;
      items.push(...(await this.#interval(reader, partition, area, { state, fresh }, end, run.ledger)));
      if (items.length >= ITEMS_AT_ONCE) await this.#tell(area, items.splice(0), total);
    }
    if (isCurrent) items.push(...(await this.#forecasts(area, state)));
    await this.#tell(area, items, total);
  }

  /** Forecasts that were made and not told: whoever makes them signs nothing. */
  async #forecasts({ area }: PublishedArea, state: AreaState): Promise<AreaItem[]> {
    const { forecasts } = (await foldStream(this.#platform.events, forecastStreamOf(area), forecastStream, this.#made)).state;
    return forecasts
      .filter((made) => !isForecastTold(state, made))
      .map(({ model: _model, contributions: _of, areaVersion: _version, at: _at, ...data }) => ({ type: 'AreaForecastTold', data }));
  }

  async #interval(
    reader: AreaReader,
    { quarter }: QuarterPartition,
    area: PublishedArea,
    { state, fresh }: SoFar,
    end: number,
    ledger: ReleaseLedger,
  ): Promise<AreaItem[]> {
    const demand = await reader.demand(area, end);
    const item = firstRelease(reader.judged(area, end), demand, await reader.present(quarter, area, end), ledger);
    if (item.type !== 'AreaDemandPublished' || !this.#defences.demandDoubts) return [item];
    fresh.set(end, item.data);
    const doubt = await doubtOf(reader, this.#forecastOf, area, demand, state, (at) => fresh.get(at) ?? releasedOf(state, at));
    return doubt === undefined ? [item] : [item, doubt];
  }

  async #revisions(
    reader: AreaReader,
    { quarter }: QuarterPartition,
    area: PublishedArea,
    state: AreaState,
    { now, ledger }: Run,
  ): Promise<AreaItem[]> {
    const items: AreaItem[] = [];
    for (const told of state.days.flatMap(({ intervals }) => intervals)) {
      const { end } = told;
      if (now / 1000 - end > REVISED_DAYS * DAY || quarterAt(end * 1000 - 1) !== quarter) continue;
      const [demand, present] = [await reader.demand(area, end), await reader.present(quarter, area, end)];
      const item = revisionOf(reader.judged(area, end), told, demand, present, now, ledger);
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  async #tell({ area, intervalMinutes }: PublishedArea, items: readonly AreaItem[], total: Total): Promise<void> {
    await this.#teller.tell(area, intervalMinutes, items);
    for (const { type } of items) total[COUNTED[type]]++;
  }
}

type Total = { -readonly [Key in keyof Told]: Told[Key] };

interface Run {
  readonly now: number;
  readonly revises: boolean;
  readonly total: Total;
  readonly ledger: ReleaseLedger;
}

/** What goes out in this run, by end of the interval, UTC s. */
type Fresh = Map<number, AreaDemand>;

/** What an area was told before the run, and in it. */
interface SoFar {
  readonly state: AreaState;
  readonly fresh: Fresh;
}

function releasedOf(state: AreaState, end: number): AreaDemand | undefined {
  const told = toldOf(state, end);
  return told === undefined || told.revision === 0 ? undefined : told;
}

const COUNTED = {
  AreaDemandPublished: 'demands',
  AreaRevised: 'revisions',
  AreaSuppressed: 'suppressed',
  AreaDoubted: 'doubts',
  AreaForecastTold: 'forecasts',
} as const;

/** What the stream still knows is out; of days before that nothing changes any more. */
async function openTold(
  ledger: ReleaseLedger,
  reader: AreaReader,
  { quarter }: QuarterPartition,
  area: PublishedArea,
  { days }: AreaState,
): Promise<void> {
  const told = days.flatMap(({ intervals }) => intervals);
  openArea(ledger, await reader.opened(quarter, area), { quarter, intervalMinutes: area.intervalMinutes }, told);
  const [oldest] = days;
  if (oldest !== undefined) ledger.close(area.area, oldest.day * DAY);
}

/** Intervals of the quarter that are due and not told. A feed begins with the day on which its partition was made, when its first home is there. */
function dueEnds({ quarter }: QuarterPartition, { intervalMinutes }: PublishedArea, { toldUntil }: AreaState, now: number): number[] {
  const step = intervalMinutes * 60;
  const begin = quarterStart(quarter) / 1000;
  const until = Math.min(dueUntil(now, intervalMinutes), quarterEnd(quarter) / 1000);
  const today = Math.floor(now / 1000 / DAY) * DAY;
  const first = (toldUntil >= begin ? toldUntil : Math.max(begin, today)) + step;
  return Array.from({ length: Math.max(0, Math.floor((until - first) / step) + 1) }, (_, i) => first + i * step);
}
