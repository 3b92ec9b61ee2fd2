import {
  type AreaDemand,
  type AreaDemandPublished,
  type AreaDoubted,
  type AreaEvent,
  type AreaForecastTold,
  type AreaRevised,
  type AreaSuppressed,
  type FeedItem,
  JoulekeepError,
} from '../../events/index.ts';
import { extendsChain } from '../feed/chain.ts';
import { type Composition, type DisclosureGate, homes } from '../privacy/gate.ts';
import { judgeRevision } from '../privacy/revisions.ts';
import { dayOfInterval, finalFrom } from './area-day.ts';
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

/** An area and its gate, as they are when its intervals are judged. */
export interface JudgedArea {
  readonly area: string;
  readonly intervalMinutes: number;
  readonly slotsPerHome: number;
}

/** An interval for the first time: its value, or that it may not be told. @param present who is there now */
export function firstRelease(of: JudgedArea, demand: AreaDemand, present: Composition, gate: DisclosureGate): AreaItem {
  const { area: id, intervalMinutes } = of;
  const because = withheldBecause(of, demand, present, gate);
  if (because === undefined) return { type: 'AreaDemandPublished', data: { area: id, intervalMinutes, ...demand } };
  return { type: 'AreaSuppressed', data: { area: id, intervalMinutes, end: demand.end, because } };
}

type Withheld = AreaSuppressed['because'] | undefined;

function withheldBecause(of: JudgedArea, { counts }: AreaDemand, present: Composition, gate: DisclosureGate): Withheld {
  if (!gate.passes(present)) return 'below-gate';
  return gate.passesRead(present, fewestHomes(of, counts.measured)) ? undefined : 'too-few-read';
}

/**
 * What late data makes of an interval that was told; undefined while it may not be told. Only values that came later differ, so how many
 * homes changed is what the counts say, and never more than that.
 * @param now UTC ms
 */
export function revisionOf(of: JudgedArea, state: AreaState, demand: AreaDemand, now: number, gate: DisclosureGate): AreaItem | undefined {
  const told = toldOf(state, demand.end);
  if (told === undefined || (told.importWh === demand.importWh && told.exportWh === demand.exportWh)) return undefined;
  const changed = fewestHomes(of, demand.counts.measured - told.counts.measured);
  const closing = now >= finalFrom(dayOfInterval(demand.end));
  if (judgeRevision(homes(changed), closing, gate) !== 'release') return undefined;
  const { area: id, intervalMinutes } = of;
  return { type: 'AreaRevised', data: { area: id, intervalMinutes, ...demand, revision: told.revision + 1 } };
}

/** Of how many homes so many slots are at least. */
function fewestHomes({ slotsPerHome }: JudgedArea, slots: number): number {
  return Math.max(0, Math.floor(slots / slotsPerHome));
}
