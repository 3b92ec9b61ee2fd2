import type { BillProof } from '../../api/bill-proof.ts';
import { openCommit, trustedCheckpoint } from '../../bin/proof/open-commits.ts';
import { billedTariffs } from '../../bin/proof/proven-lines.ts';
import type { Trust } from '../../bin/proof/trust.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { outcomeOf } from '../../domain/meterday/effective.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState } from '../../domain/meterday/state.ts';
import type { BillComputed, BillStatement, DomainEvent, MeterDayEvent } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { daysToRate } from './false-bills.ts';
import { type Fact, type Facts, provenAnew, trustAnew } from './opened-proof.ts';

/**
 * A proof of facts that somebody changed, in which all that follows was made to follow: energies of days, lines and sums of the bill. Where it can't be
 * rated, as it was changed.
 */
export async function followingProof(proof: BillProof, changed: Facts, trust: Trust): Promise<BillProof> {
  const facts = { ...changed, days: changed.days.map(summed) };
  const written = await provenAnew(proof, facts);
  const event = unlessThrown(() => ratedAnew(written, trustAnew(trust), facts.bill));
  if (event === undefined) return written;
  return await provenAnew(proof, { ...facts, bill: { ...facts.bill, events: [...facts.bill.events.slice(0, -1), event] } });
}

/** What the days of a proof come to under its own bill, with this change. @throws where they can't be rated */
export function statementOf(
  proof: BillProof,
  trust: Trust,
  change: (bill: BillComputed) => BillComputed = (bill) => bill,
): { readonly bill: BillComputed; readonly statement: BillStatement } {
  const head = trustedCheckpoint(proof, trust);
  const opened = (commits: BillProof['days']) => commits.map((one) => openCommit(one, head));
  const bill = change(openCommit(proof.bill, head).events.at(-1)!.data as BillComputed);
  const tariffs = billedTariffs(bill, opened(proof.tariffs), proof.series);
  return { bill, ...ratePeriod(inputOf(bill, { days: daysToRate(bill, opened(proof.days)), tariffs })) };
}

function ratedAnew(proof: BillProof, trust: Trust, fact: Fact): DomainEvent {
  const { bill, statement } = statementOf(proof, trust);
  return { ...fact.events.at(-1)!, data: { ...bill, ...statement } } as DomainEvent;
}

/** A day's outcome says what its intervals come to. */
function summed(fact: Fact): Fact {
  return unlessThrown(() => ({ ...fact, events: sumsIn(fact.events as readonly MeterDayEvent[]) })) ?? fact;
}

function sumsIn(events: readonly MeterDayEvent[]): readonly MeterDayEvent[] {
  let state: MeterDayState = meterDay.initial;
  if (!events.every(isWalkable)) throw new RangeError('a day of more places than anybody walks along');
  return events.map((event) => {
    const now = 'revision' in event.data && state.status === 'open' ? withSums(event, state) : event;
    state = meterDay.evolve(state, now);
    return now;
  });
}

/** Who forges has no more time than who checks. */
function isWalkable({ type, data }: MeterDayEvent): boolean {
  if (type !== 'ReadingsCollected') return true;
  const { frame, channels } = data;
  return frame.end - frame.start < 200_000 && channels.every(({ channel }) => channel < 256);
}

function withSums(event: MeterDayEvent, { channels, slots }: Extract<MeterDayState, { status: 'open' }>): MeterDayEvent {
  const sums = channels.flatMap((channel) => (channel === undefined ? [] : [outcomeOf(channel, slots, true)]));
  return { ...event, data: { ...event.data, channels: sums } } as MeterDayEvent;
}

/** Facts that were changed may be of any kind: what can't be made of them is not. */
function unlessThrown<Made>(make: () => Made): Made | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
