import {
  type AreaEvent,
  type AreaPartitioned,
  type DomainEvent,
  type FeedItem,
  JoulekeepError,
  type PublishedArea,
} from '../../events/index.ts';
import { extendsChain, FEED_BEGIN } from '../feed/chain.ts';

/** The partition of a quarter, of all its parts. */
export interface QuarterPartition {
  readonly quarter: string;
  readonly areas: readonly PublishedArea[];
  readonly withheld: readonly string[];
  /** Parts told so far. */
  readonly told: number;
  /** All of them. */
  readonly whole: boolean;
}

export interface PartitionState {
  readonly seq: number;
  readonly hash: string;
  /** Newest last: the one in force, and the one whose last days may still be revised. */
  readonly quarters: readonly QuarterPartition[];
}

export interface TellPartition {
  readonly type: 'AreaPartitioned';
  readonly data: AreaPartitioned;
  readonly item: FeedItem;
}

/**
 * Decider of stream `area/partition`. A quarter's partition is made once: who is in which area does not change while it lasts.
 * @throws ERR_CHAIN_MOVED (retryable), ERR_PARTITION_NOT_LATER
 */
export const partitionStream = { initial: { ...FEED_BEGIN, quarters: [] } as PartitionState, decide, evolve };

const KEPT = 2;

function decide({ data, item }: TellPartition, state: PartitionState): readonly AreaEvent[] {
  const told = state.quarters.find(({ quarter }) => quarter === data.quarter)?.told ?? 0;
  if (data.part <= told) return [];
  const newest = state.quarters.at(-1)?.quarter ?? '';
  if (data.quarter < newest) throw new JoulekeepError('ERR_PARTITION_NOT_LATER', `${data.quarter}: there is one for ${newest} already`);
  extendsChain(state, item);
  if (data.part !== told + 1)
    throw new JoulekeepError('ERR_CHAIN_MOVED', `part ${data.part} does not follow part ${told}`, { retryable: true });
  return [{ type: 'AreaPartitioned', data: { ...data, ...item } }];
}

function evolve(state: PartitionState, event: DomainEvent): PartitionState {
  if (event.type !== 'AreaPartitioned') return state;
  const { quarter, part, parts, areas, withheld, seq, hash } = event.data;
  const before = state.quarters.find((known) => known.quarter === quarter);
  const known: QuarterPartition = {
    quarter,
    areas: [...(before?.areas ?? []), ...areas],
    withheld: [...(before?.withheld ?? []), ...withheld],
    told: part,
    whole: part === parts,
  };
  const others = state.quarters.filter((other) => other.quarter !== quarter);
  return { seq, hash, quarters: [...others, known].slice(-KEPT) };
}
