/** A folder whose tests must notice almost every change of its code, and the tests that are run to see it. */
export interface MutationArea {
  readonly folder: string;
  /** Globs of vitest: the folder's own tests, which need neither a platform nor real data. */
  readonly tests: readonly string[];
}

/** Share of the mutants that tests must notice, percent. */
export const GOAL_PERCENT = 90;

/** Smallest first. */
export const MUTATION_AREAS: readonly MutationArea[] = [
  { folder: 'domain/audit', tests: ['test/reconcile/openings.test.ts'] },
  { folder: 'domain/erasure', tests: ['test/erasure/erasure.test.ts'] },
  { folder: 'domain/consent', tests: ['test/consent/{consent,edges}.test.ts', 'test/consent/interleavings.property.test.ts'] },
  {
    folder: 'domain/privacy',
    tests: ['test/privacy/{gate,ledger,partition,edges,similar-homes,timeline}.test.ts', 'test/deidentify/tables.test.ts'],
  },
  {
    folder: 'domain/vee',
    tests: [
      'test/vee/{columns,edges,scaling,slot-rules,hold,quality,schedule-rules,outlier,register-rules,hostile,methods,ladder,chosen,moments}.test.ts',
      'test/meterday/{closing,disputed-days}.test.ts',
    ],
  },
  {
    folder: 'protocol',
    tests: [
      'test/protocol/**/*.test.ts',
      'test/application/{manifest,start,kept,assembly}.test.ts',
      'test/prices/{listed-keys,display}.test.ts',
      'test/feeds/chain.test.ts',
    ],
  },
];
