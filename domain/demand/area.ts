import {
  type AreaDemand,
  type AreaDemandPublished,
  type AreaDoubted,
  type AreaEvent,
  type AreaForecastTold,
  type AreaRevised,
  type AreaSuppressed,
  type Counts,
  type EnergyApart,
  type FeedItem,
  JoulekeepError,
} from '../../events/index.ts';
import { extendsChain } from '../feed/chain.ts';
import type { BaseCell, Present, Released, ReleaseLedger } from '../privacy/ledger.ts';
import { dayOfInterval, finalFrom, type ToldInterval } from './area-day.ts';
import { type AreaState, evolveArea, isForecastTold, NOTHING_TOLD, toldOf } from './area-state.ts';

/** What is to be told, before it has a place in the feed and a signature. */
export type AreaItem =
  | { readonly type: 'AreaDemandPublished'; readonly data: AreaDemandPublished }
  | { readonly type: 'AreaRevised'; readonly data: AreaRevised }
  | { readonly type: 'AreaSuppressed'; readonly data: AreaSuppressed }
  | { readonly type: 'AreaDoubted'; readonly data: AreaDoubted }
  | { readonly type: 'AreaForecastTold'; readonly data: AreaForecastTold };

/** An item with its place and proof, made from what `area` stood at. */
export type TellOperator = AreaItem & { readonly item: FeedItem };

/**
 * Decider of stream `area/<id>`. An item that was told already is `[]`. Intervals come in order, each for the first time once.
 * @throws ERR_CHAIN_MOVED (retryable) for an item that does not follow the newest, ERR_AREA_INTERVAL for an interval before the newest, or of which nothing was told
 */
export const area = { initial: NOTHING_TOLD, decide, evolve: evolveArea };

function decide(command: TellOperator, state: AreaState): readonly AreaEvent[] {
  if (wasTold(command, state)) return [];
  extendsChain(state, command.item);
  checkInterval(command, state);
  return [eventOf(command)];
}

function wasTold(command: TellOperator, state: AreaState): boolean {
  if (command.type === 'AreaForecastTold') return isForecastTold(state, command.data);
  const { type, data } = command;
  const told = toldOf(state, data.end);
  switch (type) {
    case 'AreaDemandPublished':
    case 'AreaSuppressed':
      return told !== undefined;
    case 'AreaRevised':
      return told !== undefined && told.revision >= data.revision;
    case 'AreaDoubted':
      return state.doubtedUntil >= data.end;
    default:
      return type satisfies never;
  }
}

function checkInterval(command: TellOperator, state: AreaState): void {
  if (command.type === 'AreaForecastTold') return;
  const { type, data } = command;
  if (type === 'AreaDemandPublished' || type === 'AreaSuppressed' ? data.end > state.toldUntil : toldOf(state, data.end) !== undefined)
    return;
  throw new JoulekeepError('ERR_AREA_INTERVAL', `${type} of ${data.end}: told is up to ${state.toldUntil}`);
}

function eventOf(command: TellOperator): AreaEvent {
  const { item } = command;
  switch (command.type) {
    case 'AreaDemandPublished':
      return { type: command.type, data: { ...command.data, ...item } };
    case 'AreaRevised':
      return { type: command.type, data: { ...command.data, ...item } };
    case 'AreaSuppressed':
      return { type: command.type, data: { ...command.data, ...item } };
    case 'AreaDoubted':
      return { type: command.type, data: { ...command.data, ...item } };
    case 'AreaForecastTold':
      return { type: command.type, data: { ...command.data, ...item } };
    default:
      return command satisfies never;
  }
}

/** An area as its intervals are judged. */
export interface JudgedArea {
  readonly area: string;
  readonly intervalMinutes: number;
  /** Most slots that a home there at the interval may have in it. */
  readonly slotsPerHome: number;
}

/** Exact sums of one interval, as only the aggregator has them. */
export interface MeasuredDemand extends EnergyApart {
  readonly end: number;
  readonly counts: Counts;
}

/** Who is in the area at an interval. */
export interface PresentHomes extends Present {
  /** Homes whose meter can tell of export and who have fed in nothing: their values hide nobody. */
  readonly idle: number;
}

/**
 * An interval for the first time: its value, or that it may not be told. What goes out the ledger counts as out.
 * @throws ERR_LEDGER_AREA where the ledger does not know the area or its interval
 */
export function firstRelease(of: JudgedArea, demand: MeasuredDemand, present: PresentHomes, ledger: ReleaseLedger): AreaItem {
  const { area: id, intervalMinutes } = of;
  const verdict = ledger.release(cellOf(of, demand, present));
  if (verdict.out) return { type: 'AreaDemandPublished', data: { area: id, intervalMinutes, ...toldDemand(demand, verdict) } };
  const { why } = verdict;
  if (why !== 'below-gate' && why !== 'too-few-read') throw new JoulekeepError('ERR_LEDGER_AREA', `${id}, ${demand.end}: ${why}`);
  return { type: 'AreaSuppressed', data: { area: id, intervalMinutes, end: demand.end, because: why } };
}

/**
 * What late data makes of an interval that was told; undefined while it may not be told. Only values that came later differ, so how many
 * homes changed is what the counts say, and never more than that.
 * @param now UTC ms
 */
export function revisionOf(
  of: JudgedArea,
  told: ToldInterval,
  demand: MeasuredDemand,
  present: PresentHomes,
  now: number,
  ledger: ReleaseLedger,
): AreaItem | undefined {
  if (isAsTold(told, demand)) return undefined;
  const verdict = ledger.release(cellOf(of, demand, present, told.counts), now >= finalFrom(dayOfInterval(demand.end)));
  if (!verdict.out) return undefined;
  const { area: id, intervalMinutes } = of;
  return { type: 'AreaRevised', data: { area: id, intervalMinutes, ...toldDemand(demand, verdict), revision: told.revision + 1 } };
}

function isAsTold({ netWh, apart }: ToldInterval, { importWh, exportWh }: MeasuredDemand): boolean {
  return netWh === importWh - exportWh && (apart === undefined || (apart.importWh === importWh && apart.exportWh === exportWh));
}

function toldDemand({ end, importWh, exportWh, counts }: MeasuredDemand, { apart }: Released): AreaDemand {
  return { end, netWh: importWh - exportWh, ...(apart ? { apart: { importWh, exportWh } } : {}), counts };
}

const NO_SLOTS = { measured: 0, exporting: 0 };

/** @param before what was told of it counted */
function cellOf(
  of: JudgedArea,
  { end, counts }: MeasuredDemand,
  { idle, ...present }: PresentHomes,
  before: Pick<Counts, 'measured' | 'exporting'> = NO_SLOTS,
): BaseCell {
  const changedSlots = counts.exporting - before.exporting;
  const changed = changedSlots === 0 ? 0 : Math.max(1, fewestHomes(of, changedSlots) - idle);
  const fedIn = { received: Math.max(0, fewestHomes(of, counts.exporting) - idle), changed };
  const received = fewestHomes(of, counts.measured);
  return { area: of.area, end, received, changed: fewestHomes(of, counts.measured - before.measured), fedIn, present };
}

/** Of how many homes so many slots are at least. */
function fewestHomes({ slotsPerHome }: JudgedArea, slots: number): number {
  return Math.max(0, Math.floor(slots / slotsPerHome));
}
