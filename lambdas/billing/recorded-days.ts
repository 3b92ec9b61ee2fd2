import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import type { ChannelState, OpenDay } from '../../domain/meterday/state.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { foldDay } from '../shared/day-streams.ts';
import { isOpenTo } from '../shared/subject-data.ts';
import type { DayPlace, RecordedChannel, RecordedDay } from './sources.ts';

const OTHERS = { status: 'empty' } as const;
/** Streams read side by side. */
const AT_ONCE = 16;

/**
 * Meter days as they stand, in the order of the places. A day that was sealed again with other bounds than the place's, or that lies
 * under somebody else's key still, is not the account's day: it counts as not there until its own part is.
 */
export async function recordedDays(
  events: EventStore,
  access: SubjectAccess,
  places: readonly DayPlace[],
): Promise<readonly (RecordedDay | undefined)[]> {
  const days: (RecordedDay | undefined)[] = [];
  for (let i = 0; i < places.length; i += AT_ONCE) {
    days.push(...(await Promise.all(places.slice(i, i + AT_ONCE).map((place) => recordedDay(events, access, place)))));
  }
  return days;
}

async function recordedDay(events: EventStore, access: SubjectAccess, place: DayPlace): Promise<RecordedDay | undefined> {
  const state = await foldDay({ events }, place.stream, access).catch((error: unknown) => {
    if (isOpenTo(access, place.subject) && error instanceof JoulekeepError && error.code === 'ERR_SUBJECT_SEALED') return OTHERS;
    throw error;
  });
  if (state.status === 'empty' || state.frame.start !== place.start || state.frame.end !== place.end) return undefined;
  return standing(state);
}

/** A day as its outcome says; undefined before there is one. */
export function standing({ final, outcome, channels, slots }: OpenDay): RecordedDay | undefined {
  if (outcome === undefined) return undefined;
  const present = channels.filter((channel) => channel !== undefined);
  return { final, held: outcome.held, revision: outcome.revision, channels: present.map((channel) => recordedChannel(channel, slots)) };
}

function recordedChannel(channel: ChannelState, slots: number): RecordedChannel {
  const counts = new Uint32Array(slots);
  const sources = new Uint8Array(slots);
  const view = emptyView();
  for (let slot = 0; slot < slots; slot++) {
    viewSlot(channel, slot, true, view);
    counts[slot] = view.counts;
    sources[slot] = view.source;
  }
  return { asset: channel.asset, perCount: channel.perCount, counts, sources };
}
