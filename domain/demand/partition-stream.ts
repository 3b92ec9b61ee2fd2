import { type AreaEvent, type AreaPartitioned, type DomainEvent, type FeedItem, JoulekeepError } from '../../events/index.ts';

export interface PartitionState {
  readonly seq: number;
  readonly hash: string;
  /** Newest last: the one in force, and the one whose last days may still be revised. */
  readonly quarters: readonly AreaPartitioned[];
}

export interface TellPartition {
  readonly type: 'AreaPartitioned';
  readonly data: AreaPartitioned;
  readonly item: FeedItem;
}

/**
 * Decider of stream `area/partition`. A quarter's partition is made once: who is in which area does not change while it lasts.
 * @throws ERR_AREA_SEQUENCE (retryable), ERR_PARTITION_NOT_LATER
 */
export const partitionStream = { initial: { seq: 0, hash: '', quarters: [] } as PartitionState, decide, evolve };

const KEPT = 2;

function decide({ data, item }: TellPartition, state: PartitionState): readonly AreaEvent[] {
  if (state.quarters.some(({ quarter }) => quarter === data.quarter)) return [];
  const newest = state.quarters.at(-1)?.quarter ?? '';
  if (data.quarter < newest) throw new JoulekeepError('ERR_PARTITION_NOT_LATER', `${data.quarter}: there is one for ${newest} already`);
  if (item.seq !== state.seq + 1 || item.prevHash !== state.hash)
    throw new JoulekeepError('ERR_AREA_SEQUENCE', `item ${item.seq} does not follow item ${state.seq}`, { retryable: true });
  return [{ type: 'AreaPartitioned', data: { ...data, ...item } }];
}

function evolve(state: PartitionState, event: DomainEvent): PartitionState {
  if (event.type !== 'AreaPartitioned') return state;
  const { quarter, areas, withheld, seq, hash } = event.data;
  return { seq, hash, quarters: [...state.quarters, { quarter, areas, withheld }].slice(-KEPT) };
}
