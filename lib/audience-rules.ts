import { CATALOGUE } from '../events/catalogue/catalogue.ts';

/** What of the bus goes to whom: one rule for each queue that delivers to an audience. */
export interface AudienceRule {
  readonly audience: string;
  readonly queue: string;
  /** Types of integration events, all that the audience may be told. */
  readonly types: readonly string[];
}

export const AUDIENCE_RULES: readonly AudienceRule[] = [...Map.groupBy(CATALOGUE, ({ queue }) => queue)].map(([queue, entries]) => ({
  audience: entries[0]!.audience,
  queue,
  types: entries.map(({ type }) => type),
}));

export const AUDIENCE_QUEUES: readonly string[] = AUDIENCE_RULES.map(({ queue }) => queue);
