import type { DomainEvent, DoubtCause } from '../../events/index.ts';
import { isComplete } from './balance.ts';

/** An interval of an area as it was told last. */
export interface ToldFlow {
  /** UTC s. */
  readonly end: number;
  /** Undefined where nothing may be told of it. */
  readonly netWh: number | undefined;
  /** Enough homes are in it to be held against the heads of the feeders. */
  readonly whole: boolean;
  /** What contradicts it. A doubt stays when late data revises the value, as the operator keeps both. */
  readonly causes: readonly DoubtCause[];
}

/** By end, UTC s. */
export type ToldFlows = Map<number, ToldFlow>;

/** Takes an item of an area's feed; what says nothing of an interval is passed over. */
export function takeItem(flows: ToldFlows, { type, data }: DomainEvent): void {
  switch (type) {
    case 'AreaDemandPublished':
    case 'AreaRevised': {
      const { end, netWh, counts } = data;
      flows.set(end, { end, netWh, whole: isComplete(counts), causes: flows.get(end)?.causes ?? [] });
      break;
    }
    case 'AreaSuppressed':
      flows.set(data.end, { end: data.end, netWh: undefined, whole: false, causes: [] });
      break;
    case 'AreaDoubted': {
      const flow = flows.get(data.end);
      if (flow !== undefined) flows.set(data.end, { ...flow, causes: data.causes });
      break;
    }
    default:
  }
}

/** What is unusual in an area, and since when. */
export interface LastingDoubt {
  readonly causes: readonly DoubtCause[];
  /** Ends of its first and its last interval, UTC s. */
  readonly first: number;
  readonly last: number;
  readonly intervals: number;
  /** No interval behind it adds up. */
  readonly goesOn: boolean;
  /** None before it is known that does. */
  readonly mayBeOlder: boolean;
}

/**
 * The newest run of doubted intervals; undefined where none is doubted. One that could not be judged neither continues nor ends it.
 * @param flows in the order of time
 */
export function lastingDoubt(flows: readonly ToldFlow[]): LastingDoubt | undefined {
  const judged = flows.filter(({ whole, causes }) => whole || causes.length > 0);
  const last = judged.findLastIndex(({ causes }) => causes.length > 0);
  if (last < 0) return undefined;
  const first = judged.findLastIndex(({ causes }, i) => i < last && causes.length === 0) + 1;
  const run = judged.slice(first, last + 1);
  return {
    causes: [...new Set(run.flatMap(({ causes }) => causes))].sort(),
    ...{ first: run[0]!.end, last: run.at(-1)!.end, intervals: run.length },
    ...{ goesOn: last === judged.length - 1, mayBeOlder: first === 0 },
  };
}

/** A stretch of time: what the heads of the feeders measured beside what the homes behind them say, both net of what is fed in. */
export interface FlowAccount {
  /** Of the intervals that could be compared, Wh. */
  readonly headWh: number;
  readonly homesWh: number;
  readonly compared: number;
  /** Intervals of which nothing was told, or in which homes or a head are missing. */
  readonly leftOut: number;
  readonly doubted: number;
}

/** @param headsAt what the heads measured in the interval that ends then, Wh; undefined where a value is missing */
export function accountOf(flows: readonly ToldFlow[], headsAt: (end: number) => number | undefined): FlowAccount {
  const account = { headWh: 0, homesWh: 0, compared: 0, leftOut: 0, doubted: 0 };
  for (const { end, netWh, whole, causes } of flows) {
    if (causes.length > 0) account.doubted++;
    const headWh = headsAt(end);
    if (headWh === undefined || netWh === undefined || !whole) {
      account.leftOut++;
      continue;
    }
    account.compared++;
    account.headWh += headWh;
    account.homesWh += netWh;
  }
  return account;
}
