import type { DomainEvent, ReleaseEvent, TablesReleased } from '../../events/index.ts';

/** Quarters of which tables are offered at a time: the period over which the promise about membership is measured. */
export const QUARTERS_OFFERED = 4;

export interface ReleaseState {
  /** Newest last. */
  readonly released: readonly TablesReleased[];
}

export interface ReleaseTables {
  readonly type: 'ReleaseTables';
  readonly tables: TablesReleased;
}

/** Decider of stream `release/tables`. A quarter's tables go out once: a second version would be a difference. */
export const release = { initial: { released: [] } as ReleaseState, decide, evolve };

function decide({ tables }: ReleaseTables, { released }: ReleaseState): readonly ReleaseEvent[] {
  if (released.some(({ quarter }) => quarter >= tables.quarter)) return [];
  return [{ type: 'TablesReleased', data: tables }];
}

function evolve(state: ReleaseState, event: DomainEvent): ReleaseState {
  if (event.type !== 'TablesReleased') return state;
  return { released: [...state.released, event.data].slice(-QUARTERS_OFFERED) };
}
