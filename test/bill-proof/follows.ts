import type { BillProof } from '../../api/bill-proof.ts';
import type { Trust } from '../../bin/proof/trust.ts';
import { outcomeOf } from '../../domain/meterday/effective.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState } from '../../domain/meterday/state.ts';
import type { DomainEvent, MeterDayEvent } from '../../events/index.ts';
import { ratedFrom } from './false-bills.ts';
import { type Fact, type Facts, provenAnew, trustAnew } from './opened-proof.ts';

/**
 * A proof of facts that somebody changed, in which all that follows was made to follow: energies of days, lines and sums of the bill. Where it can't be
 * rated, as it was changed.
 */
export async function followingProof(proof: BillProof, changed: Facts, trust: Trust): Promise<BillProof> {
  const facts = { ...changed, days: changed.days.map(summed) };
  const written = await provenAnew(proof, facts);
  const data = unlessThrown(() => ratedFrom(written, trustAnew(trust)));
  if (data === undefined) return written;
  const { events } = facts.bill;
  const issued = { ...events.at(-1)!, data } as DomainEvent;
  return await provenAnew(proof, { ...facts, bill: { ...facts.bill, events: events.with(-1, issued) } });
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
