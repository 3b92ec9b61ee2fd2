import type { Day } from '../../../api/days.ts';
import type { Edited, EditRequest, UndoRequest } from '../../../api/edits.ts';
import type { Caller, Refusal, Reply } from '../../shared/session.ts';
import { ask } from './calls.ts';

/** A meter day as somebody sees it, and the version that a change has to name. */
export interface SeenDay {
  readonly day: Day;
  /** Absent of a day as it was known at an earlier instant: it cannot be changed. */
  readonly etag: string | undefined;
}

/** Reads a day. @param at as it was known then: to look at, not to change */
export async function seeDay(requests: Caller, place: DayPlace, at?: string): Promise<Reply<SeenDay>> {
  const reply = await ask(requests, 'showDay', { ...place }, { query: { at } });
  return reply.ok ? { ok: true, body: { day: reply.body, etag: at === undefined ? reply.etag : undefined } } : reply;
}

/** A meter and the name of its day. */
export interface DayPlace {
  readonly meterId: string;
  readonly day: string;
}

export type DayChange =
  | { readonly change: 'editDay'; readonly body: EditRequest }
  | { readonly change: 'finalizeDay'; readonly body: UndoRequest }
  | { readonly change: 'undoEdit'; readonly edit: number; readonly body: UndoRequest }
  | { readonly change: 'approveEdit' | 'rejectEdit'; readonly edit: number };

/** What makes a change happen once, and only to what its author saw. */
export interface SeenVersion {
  readonly etag: string;
  /** 16 to 64 of A-Z, a-z, 0-9, _ and - */
  readonly key: string;
}

/**
 * Changes a day once, and only as its author saw it. One key is one change: whoever tries again after no answer uses the same.
 */
export async function changeDay(requests: Caller, place: DayPlace, { etag, key }: SeenVersion, change: DayChange): Promise<Reply<Edited>> {
  const headers = { 'if-match': etag, 'idempotency-key': key };
  const path = { ...place, ...('edit' in change ? { edit: String(change.edit) } : {}) };
  const body = 'body' in change ? change.body : {};
  return await ask(requests, change.change, path, { body, headers });
}

/** Idempotency keys: a change keeps its key until it is done, however often it is sent. */
export class ChangeKeys {
  readonly #make: () => string;
  #change = '';
  #key = '';

  /** @param make a new key */
  constructor(make: () => string) {
    this.#make = make;
  }

  /** @param change what is sent, as text; another one gets another key */
  of(change: string): string {
    if (this.#key === '' || change !== this.#change) this.#key = this.#make();
    this.#change = change;
    return this.#key;
  }

  /** The service answered: whatever comes next is another change. */
  done(): void {
    this.#key = '';
  }
}

/** Whether somebody else was faster. */
export function wasChanged({ status }: Pick<Refusal, 'status'>): boolean {
  return status === 412;
}

/** What was recorded since the day was read, oldest first. */
export function recordedSince(before: Day, now: Day): Day['history'] {
  const last = Math.max(-1, ...before.history.map(({ version }) => version));
  return now.history.filter(({ version }) => version > last);
}

/** Who recorded them, each once. `undefined` stands for the service itself. */
export function authorsOf(history: Day['history']): readonly (string | undefined)[] {
  return [...new Set(history.map(({ by }) => by))];
}

/** Instants at which the day changed, oldest first: what "as known at" can stop at. */
export function stopsOf({ history }: Pick<Day, 'history'>): readonly string[] {
  return [...new Set(history.map(({ recordedAt }) => recordedAt))].sort();
}
