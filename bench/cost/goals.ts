import type { Estimate } from './estimate.ts';

/** What a number should not exceed, and whether it does. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly most: number;
  readonly holds: boolean;
}

/** USD of a meter and year from publish to commit with 28 days of storage, by minutes of an interval. */
const INGEST_USD: Readonly<Record<number, number>> = { 15: 0.0015, 5: 0.004 };
/** One agreement of the key service in a week, which is what nothing else can take the place of. */
export const HANDSHAKES_USD = 0.0008;
const API_CALLS = 20;

export function goalsOf({ intervalMinutes, ingestUsd, handshakesUsd, handshakeKeysUsd, apiCallsPer1000 }: Estimate): Goal[] {
  const most = INGEST_USD[intervalMinutes];
  const ingest =
    most === undefined ? [] : [goal('publish to commit with 28 days of storage and its end, USD per meter-year', ingestUsd, most)];
  return [
    ...ingest,
    goal('handshakes, what the key service asks for agreeing, USD per meter-year', handshakeKeysUsd, HANDSHAKES_USD),
    goal('handshakes, all in, USD per meter-year', handshakesUsd, HANDSHAKES_USD),
    goal('API calls per 1,000 readings, from publish to commit', apiCallsPer1000, API_CALLS),
  ];
}

function goal(name: string, value: number, most: number): Goal {
  return { name, value, most, holds: value <= most };
}
