import type { Verified } from '../../../api/console.ts';
import { type Patience, patiently } from '../../shared/patience.ts';
import type { Caller, Refusal } from '../../shared/session.ts';
import { ask, rateOf } from './calls.ts';

/** How far a check came. */
export interface Walk {
  readonly streams: number;
  readonly commits: number;
  readonly faults: Verified['faults'];
  /** Families of which everything was checked. */
  readonly families: number;
  readonly of: number;
  /** The one in hand; `undefined` at the end. */
  readonly family: string | undefined;
}

/** `whole`: everything was looked at and is as recorded. Nothing else is a pass: neither a walk cut short nor one that found no stream. */
export type Verdict = 'whole' | 'faulty' | 'empty' | 'cut-short';

export interface WalkTools extends Pick<Patience, 'pause' | 'stopped'> {
  readonly requests: Caller;
  onProgress(walk: Walk): void;
}

export interface WalkEnd {
  readonly walk: Walk;
  readonly verdict: Verdict;
  readonly refusal?: Refusal;
}

const RATE = rateOf('verifyStreams');
/** Between two requests: with the time they take themselves, that stays below what the service lets through. */
const PACE_MS = Math.ceil(60_000 / RATE.perMinute);
/** Go at once; one of the burst is kept, for clocks do not run alike. */
const AT_ONCE = RATE.burst - 1;
const BUSY = { statuses: [429], attempts: 20, waitMs: () => PACE_MS } as const;

/**
 * Says who verifies, which is put on record, then checks families of streams page by page until there is no cursor left, no faster than the service lets
 * one caller ask.
 */
export async function verifyFamilies(tools: WalkTools, families: readonly string[]): Promise<WalkEnd> {
  let walk: Walk = { streams: 0, commits: 0, faults: [], families: 0, of: families.length, family: families[0] };
  const said = await patiently(() => ask(tools.requests, 'askVerification'), { ...tools, ...BUSY });
  if (!said.ok) return { walk, verdict: verdictOf(walk, false), refusal: said };
  let asked = 0;
  for (const [i, family] of families.entries()) {
    let cursor: string | undefined;
    do {
      if (asked++ >= AT_ONCE) await tools.pause(PACE_MS);
      if (tools.stopped()) return { walk, verdict: verdictOf(walk, false) };
      const body = { prefix: family, ...(cursor === undefined ? {} : { cursor }) };
      const reply = await patiently(() => ask(tools.requests, 'verifyStreams', {}, { body }), { ...tools, ...BUSY });
      if (!reply.ok) return { walk, verdict: verdictOf(walk, false), refusal: reply };
      cursor = reply.body.cursor;
      walk = added(walk, reply.body, cursor === undefined ? { families: i + 1, family: families[i + 1] } : {});
      tools.onProgress(walk);
    } while (cursor !== undefined);
  }
  return { walk, verdict: verdictOf(walk, true) };
}

function added(walk: Walk, { streams, commits, faults }: Verified, next: Partial<Walk>): Walk {
  const sums = { streams: walk.streams + streams, commits: walk.commits + commits, faults: [...walk.faults, ...faults] };
  return { ...walk, ...sums, ...next };
}

function verdictOf({ faults, streams }: Walk, done: boolean): Verdict {
  if (faults.length > 0) return 'faulty';
  if (!done) return 'cut-short';
  return streams === 0 ? 'empty' : 'whole';
}
