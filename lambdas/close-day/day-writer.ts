import { hash } from 'node:crypto';
import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import { JoulekeepError, type MeterDayEvent } from '../../events/index.ts';
import type { EventStore, StreamHead } from '../../platform/ports/event-store.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import type { DayPlace } from './day-frames.ts';

/** A stream of one day that is being closed: as it stood, and what is to be added. */
export interface DayWork {
  readonly place: DayPlace;
  head: StreamHead;
  state: MeterDayState;
  /** Decided, not recorded yet. */
  events: MeterDayEvent[];
  /** How the day stands once `events` are recorded; undefined while it has no outcome. */
  standing: { readonly final: boolean; readonly held: boolean } | undefined;
}

/** A stream of which nothing is known but its head. */
export function workOn(place: DayPlace, head: StreamHead): DayWork {
  return { place, head, state: meterDay.initial, events: [], standing: undefined };
}

/** Reads what the stream holds. */
export async function foldWork(events: EventStore, work: DayWork, access: SubjectAccess): Promise<void> {
  for await (const commit of events.read(work.place.stream, 0, access)) {
    for (const event of commit.events) work.state = meterDay.evolve(work.state, event);
    work.head = commit.head;
  }
}

/** Decides on top of what was decided before; the state moves on. */
export function decideOn(work: DayWork, command: MeterDayCommand): readonly MeterDayEvent[] {
  const decided = meterDay.decide(command, work.state);
  for (const event of decided) work.state = meterDay.evolve(work.state, event);
  work.events.push(...decided);
  return decided;
}

/** The last decision about a day: its events are kept, the state stays as it was, because nobody asks it again. */
export function concludeWith(work: DayWork, decided: readonly MeterDayEvent[]): void {
  const { state } = work;
  if (state.status === 'open' && state.outcome !== undefined) work.standing = { final: state.final, held: state.outcome.held };
  for (const event of decided) {
    work.events.push(event);
    if (event.type === 'DayProvisional') work.standing = { final: false, held: event.data.held };
    else if (event.type === 'DayFinalized' || event.type === 'DayRestated') work.standing = { final: true, held: event.data.held };
  }
}

/** The state of a stream that has readings. */
export function openState({ state, place }: DayWork): OpenDay {
  if (state.status === 'empty') throw new JoulekeepError('ERR_DAY_UNKNOWN', `${place.stream}: nothing was collected`);
  return state;
}

/** Appends all that was decided for one stream as one commit. @returns when durable; rejects with VersionConflict */
export function appendWork(store: EventStore, { place, head, events }: DayWork): Promise<unknown> {
  if (events.length === 0) return Promise.resolve();
  const { subject } = place;
  return store.append(head, { commitId: commitIdOf(head, events), events, subject }).durable;
}

/** What came from the same place at the same instant on top of the same commit is the same work. */
function commitIdOf(head: StreamHead, events: readonly MeterDayEvent[]): Buffer {
  const what = events.map((event) => {
    const through = event.type === 'ReadingsCollected' ? `${event.data.through.segment}:${event.data.through.version}` : '';
    const at = 'at' in event.data ? event.data.at : '';
    return `${event.type} ${through} ${at}`;
  });
  return hash('sha256', `${head.stream}\0${head.version}\0${head.hash.toString('base64')}\0${what.join()}`, 'buffer');
}
