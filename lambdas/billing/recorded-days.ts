import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { ChannelState, MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { subjectOfRow } from '../../platform/ports/subject-rows.ts';
import { isOpenTo, type SubjectRequest } from '../shared/access/subject-data.ts';
import { foldDay, isSealedFromReader, openDays } from '../shared/days/day-streams.ts';
import { sideBySide } from '../shared/side-by-side.ts';
import type { DayPlace, RecordedChannel, RecordedDay } from './sources.ts';

/** For what days are opened, and on whose behalf when it is not billing itself. */
export type BillingReader = Pick<SubjectRequest, 'purpose' | 'person'>;

/**
 * Meter days as they stand, in the order of the places. A day that is somebody else's, or has other bounds than the place, is not
 * the account's day: after a corrected tenancy it counts as not there until it is sealed again.
 */
export async function recordedDays(
  platform: Platform,
  access: SubjectAccess,
  places: readonly DayPlace[],
  reader: BillingReader,
): Promise<readonly (RecordedDay | undefined)[]> {
  return await sideBySide(places, (place) => recordedDay(platform, access, place, reader));
}

async function recordedDay(
  platform: Platform,
  access: SubjectAccess,
  place: DayPlace,
  reader: BillingReader,
): Promise<RecordedDay | undefined> {
  const state = await foldPlace(platform, access, place, reader);
  if (state.status === 'empty') return undefined;
  const { subject, start, end } = state.frame;
  return subject === place.account && start === place.start && end === place.end ? standing(state) : undefined;
}

/**
 * A day that was somebody else's holds what was sealed under their key until that key is destroyed: it is opened behind a record
 * of its own, and only once it is the account's.
 */
async function foldPlace(
  platform: Platform,
  access: SubjectAccess,
  { stream, account }: DayPlace,
  { purpose, person }: BillingReader,
): Promise<MeterDayState> {
  try {
    return await foldDay(platform, stream, access);
  } catch (error) {
    if (!isSealedFromReader(error) || !isOpenTo(access, account)) throw error;
    const newest = (await platform.events.rowsOf(stream)).at(-1);
    if (newest === undefined || subjectOfRow(newest)?.subject !== account) return meterDay.initial;
    return await foldDay(platform, stream, await openDays(platform, purpose, [{ stream }], person === undefined ? {} : { person }));
  }
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
