import type { Day } from '../../../api/days.ts';
import type { EditRequest } from '../../../api/edits.ts';
import type { ExceptionRow } from '../../../api/exceptions.ts';
import { type Patience, patiently } from '../../shared/patience.ts';
import type { Caller, Refusal } from '../../shared/session.ts';
import { ask } from './calls.ts';
import type { EditMethod } from './edit-form.ts';
import { type Channel, slotsFor } from './slots.ts';
import { changeDay, type DayPlace, type SeenVersion, seeDay } from './versioned.ts';

/** What is done to many days: each gets a request of its own, for each has a version of its own. */
export interface BulkOrder {
  readonly kind: 'accept' | 'estimate';
  readonly method: EditMethod;
  readonly reason: EditRequest['reason'];
  readonly note: string;
}

/** `second-person`: waits for one. `nothing`: there was nothing of that kind to do. `refused` says why. */
export interface BulkResult extends DayPlace {
  readonly outcome: 'done' | 'second-person' | 'nothing' | 'refused' | 'stopped';
  readonly why?: string | undefined;
  /** Refused, and yet some channels of the day had been changed before. */
  readonly partly?: true;
}

/** What the queue needs of its surroundings. */
export interface BulkTools extends Pick<Patience, 'pause' | 'stopped'> {
  readonly requests: Caller;
  /** A new idempotency key. */
  newKey(): string;
  onResult(result: BulkResult): void;
}

/** While the service is busy: the same key goes with each attempt, so a change happens once. */
const BUSY = { statuses: [429, 503], attempts: 5, waitMs: (tried: number) => 3_000 * tried } as const;

/** Days of the rows that are not closed, each once though several rows name it. */
export function placesOf(rows: readonly Pick<ExceptionRow, 'exceptions'>[]): readonly DayPlace[] {
  const places = new Map<string, DayPlace>();
  for (const { meterId, day, status } of rows.flatMap(({ exceptions }) => exceptions)) {
    if (status !== 'closed') places.set(`${meterId} ${day}`, { meterId, day });
  }
  return [...places.values()];
}

/** Whole rows: a page shows the first few days of each. */
export async function wholeRows(requests: Caller, rows: readonly ExceptionRow[]): Promise<readonly ExceptionRow[] | Refusal> {
  const whole: ExceptionRow[] = [];
  for (const row of rows) {
    const reply = row.more === 0 ? undefined : await ask(requests, 'showException', { row: row.row });
    if (reply !== undefined && !reply.ok) return reply;
    whole.push(reply?.body ?? row);
  }
  return whole;
}

/** One day after the other, whatever becomes of each. A result for every place. */
export async function runBulk(tools: BulkTools, places: readonly DayPlace[], order: BulkOrder): Promise<readonly BulkResult[]> {
  const results: BulkResult[] = [];
  for (const place of places) {
    const came: Came = tools.stopped() ? { outcome: 'stopped' } : await doDay(tools, place, order);
    results.push({ ...place, ...came });
    tools.onResult(results.at(-1)!);
  }
  return results;
}

type Came = Omit<BulkResult, keyof DayPlace>;

async function doDay(tools: BulkTools, place: DayPlace, order: BulkOrder): Promise<Came> {
  const patience = { ...tools, ...BUSY };
  const seen = await patiently(() => seeDay(tools.requests, place), patience);
  if (!seen.ok) return refused(seen);
  let { etag } = seen.body;
  if (etag === undefined) return { outcome: 'refused', why: 'no version' };
  let outcome: Came['outcome'] = 'nothing';
  for (const { body } of editsOf(seen.body.day, order)) {
    const version: SeenVersion = { etag, key: tools.newKey() };
    const reply = await patiently(() => changeDay(tools.requests, place, version, { change: 'editDay', body }), patience);
    if (!reply.ok) return { ...refused(reply), ...(outcome === 'nothing' ? {} : { partly: true }) };
    etag = reply.etag ?? etag;
    if (reply.body.result === 'proposed') outcome = 'second-person';
    else if (reply.body.result !== 'unchanged' && outcome === 'nothing') outcome = 'done';
  }
  return { outcome };
}

/** One request for each channel that has something to do. */
export function editsOf({ channels }: Pick<Day, 'channels'>, order: BulkOrder): readonly { readonly body: EditRequest }[] {
  const { kind, method, reason, note } = order;
  return channels.flatMap((channel: Channel) => {
    const slots = [...slotsFor(channel, kind)];
    if (slots.length === 0) return [];
    const of = { channel: channel.channel, slots, reason, note };
    return [{ body: kind === 'accept' ? { kind, ...of } : { kind, method, ...of } }];
  });
}

function refused({ status, problem }: Refusal): Came {
  return { outcome: 'refused', why: problem?.detail ?? problem?.title ?? (status === 0 ? 'offline' : String(status)) };
}
