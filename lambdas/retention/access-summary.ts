import type { AccessPurpose, DomainEvent } from '../../events/index.ts';

/** What stands in for accesses that were deleted: how often data was opened and what for, and nobody's name. */
export interface AccessSummary {
  readonly accesses: number;
  /** Subjects named, each as often as it was. */
  readonly subjects: number;
  readonly purposes: Readonly<Partial<Record<AccessPurpose, number>>>;
  /** Accesses after which data left the service. */
  readonly disclosures: number;
  /** Of the first and the last one, UTC ms; absent where there was none. */
  readonly first?: number;
  readonly last?: number;
}

const INITIAL: AccessSummary = { accesses: 0, subjects: 0, purposes: {}, disclosures: 0 };

export const accessSummary = { initial: INITIAL, evolve };

function evolve(state: AccessSummary, event: DomainEvent): AccessSummary {
  if (event.type !== 'DataAccessed') return state;
  const { purpose, subjects, grounds, at } = event.data;
  return {
    accesses: state.accesses + 1,
    subjects: state.subjects + subjects.length,
    purposes: { ...state.purposes, [purpose]: (state.purposes[purpose] ?? 0) + 1 },
    disclosures: state.disclosures + (grounds === undefined ? 0 : 1),
    first: state.first ?? at,
    last: at,
  };
}
