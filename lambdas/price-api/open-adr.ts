import type { AdrEvent, AdrProgram } from '../../api/prices.ts';
import { type DayAheadPublished, JoulekeepError } from '../../events/index.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import type { Desk } from './published.ts';

const CACHED_S = 60;
const ZONE_PROGRAM = 'price-';
const LEVELS = [{ objectType: 'EVENT_PAYLOAD_DESCRIPTOR', payloadType: 'SIMPLE' }] as const;

/*
 * The read side of a VTN: zones are programs with prices, programs of demand response have levels. A VEN that believes only what is
 * signed takes the same from /v1; what is here is for those that trust the connection.
 * @source OpenADR 3.1.0
 */

export async function searchAllPrograms({ published }: Desk, { query }: Call<'searchAllPrograms'>): Promise<Answer> {
  const ids = [...(await zoneNames(published)).map((name) => ZONE_PROGRAM + name), ...(await published.names('demand-response/'))];
  const found = await Promise.all(ids.slice(query.skip, query.skip + query.limit).map((id) => programOf(published, id)));
  return { body: found.flatMap((program) => program ?? []), cachedS: CACHED_S };
}

export async function searchProgramByProgramId({ published }: Desk, { path }: Call<'searchProgramByProgramId'>): Promise<Answer> {
  const found = await programOf(published, path.programID);
  if (found === undefined) throw new JoulekeepError('ERR_PROGRAM_UNKNOWN', `no program ${path.programID}`);
  return { body: found, cachedS: CACHED_S };
}

export async function searchAllEvents({ published }: Desk, { query }: Call<'searchAllEvents'>): Promise<Answer> {
  const all = [...(await zoneNames(published)).map((name) => ZONE_PROGRAM + name), ...(await published.names('demand-response/'))];
  const ids = all.filter((id) => query.programID === undefined || query.programID === id);
  const events: AdrEvent[] = [];
  for (const id of ids) {
    if (events.length >= query.skip + query.limit) break;
    events.push(...(await eventsOf(published, id)));
  }
  return { body: events.slice(query.skip, query.skip + query.limit), cachedS: CACHED_S };
}

/** Ids begin with their program's, so that one is found without asking all. */
export async function searchEventsByID({ published }: Desk, { path }: Call<'searchEventsByID'>): Promise<Answer> {
  const all = [...(await zoneNames(published)).map((name) => ZONE_PROGRAM + name), ...(await published.names('demand-response/'))];
  for (const id of all.filter((program) => path.eventID.startsWith(`${program}-`))) {
    const found = (await eventsOf(published, id)).find((event) => event.id === path.eventID);
    if (found !== undefined) return { body: found, cachedS: CACHED_S };
  }
  throw new JoulekeepError('ERR_EVENT_ID_UNKNOWN', `no event ${path.eventID}`);
}

type Streams = Desk['published'];

function zoneNames(published: Streams): Promise<readonly string[]> {
  return published.names('price/');
}

async function programOf(published: Streams, id: string): Promise<AdrProgram | undefined> {
  try {
    if (id.startsWith(ZONE_PROGRAM)) {
      const { since, days } = await published.zone(id.slice(ZONE_PROGRAM.length));
      return described(id, `Energy price of ${id.slice(ZONE_PROGRAM.length)}`, since!, [priceDescriptor(days.at(-1))]);
    }
    const { name, openedAt } = await published.program(id);
    return described(id, name!, openedAt!, [...LEVELS]);
  } catch (error) {
    if (error instanceof JoulekeepError && ['ERR_ZONE_UNKNOWN', 'ERR_PROGRAM_UNKNOWN'].includes(error.code)) return undefined;
    throw error;
  }
}

function described(id: string, programName: string, at: number, payloadDescriptors: AdrProgram['payloadDescriptors']): AdrProgram {
  const time = new Date(at).toISOString();
  return { id, createdDateTime: time, modificationDateTime: time, objectType: 'PROGRAM', programName, payloadDescriptors };
}

async function eventsOf(published: Streams, id: string): Promise<readonly AdrEvent[]> {
  if ((await programOf(published, id)) === undefined) return [];
  if (id.startsWith(ZONE_PROGRAM)) {
    const { days } = await published.zone(id.slice(ZONE_PROGRAM.length));
    return days.map((day) => priceEvent(id, day));
  }
  const { events } = await published.program(id);
  return [...events.values()].map(({ intervals, ...event }) => ({
    ...event,
    id: `${id}-${event.id}`,
    payloadDescriptors: [...LEVELS],
    intervals: intervals.map((interval) => ({
      id: interval.id,
      payloads: interval.payloads.map(({ type, values }) => ({ type, values: [...values] })),
    })),
  }));
}

function priceEvent(programID: string, { claims, at }: DayAheadPublished): AdrEvent {
  const time = new Date(at).toISOString();
  return {
    id: `${programID}-${claims.seq}`,
    createdDateTime: time,
    modificationDateTime: time,
    objectType: 'EVENT',
    programID,
    eventName: `${claims.tariff} ${claims.version}`,
    payloadDescriptors: [priceDescriptor({ claims, at })],
    intervalPeriod: { start: new Date(claims.start * 1000).toISOString(), duration: `PT${claims.minutes}M`, randomizeStart: 'PT0S' },
    intervals: claims.prices.map((price, id) => ({ id, payloads: [{ type: 'PRICE', values: [price / 1_000_000] }] })),
  };
}

function priceDescriptor(day: Pick<DayAheadPublished, 'claims' | 'at'> | undefined): AdrProgram['payloadDescriptors'][number] {
  const currency = day === undefined ? {} : { currency: day.claims.currency };
  return { objectType: 'EVENT_PAYLOAD_DESCRIPTOR', payloadType: 'PRICE', units: 'KWH', ...currency };
}
