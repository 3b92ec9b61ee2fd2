import { type Signal, signal } from '@preact/signals';
import type { ExceptionRow } from '../../../api/exceptions.ts';
import type { Caller, Refusal, Reply } from '../../shared/session.ts';
import { ask } from '../model/calls.ts';
import { type ListAction, moved } from '../model/key-map.ts';
import type { QueueFilter } from '../model/queue-filter.ts';

/** Rows on the screen, where the cursor is, and what is selected. */
export class Queue {
  readonly rows: Signal<readonly ExceptionRow[] | undefined> = signal(undefined);
  readonly refusal: Signal<Refusal | undefined> = signal(undefined);
  readonly cursor = signal(0);
  /** Ids of rows. */
  readonly selected: Signal<ReadonlySet<string>> = signal(new Set());
  readonly expanded: Signal<string | undefined> = signal(undefined);
  /** Where the list goes on. */
  readonly next: Signal<string | undefined> = signal(undefined);
  readonly at = signal(0);
  readonly #requests: Caller;
  readonly #filter: QueueFilter;

  constructor(requests: Caller, filter: QueueFilter) {
    this.#requests = requests;
    this.#filter = filter;
  }

  /** From the beginning; the selection keeps what is still there. */
  async reload(): Promise<void> {
    await this.#read(undefined);
  }

  async more(): Promise<void> {
    if (this.next.value !== undefined) await this.#read(this.next.value);
  }

  move(action: ListAction): void {
    this.cursor.value = moved(this.cursor.value, action, this.rows.value?.length ?? 0);
  }

  toggle(row: string): void {
    const selected = new Set(this.selected.value);
    if (!selected.delete(row)) selected.add(row);
    this.selected.value = selected;
  }

  /** What an action is about: the selected rows, else the one under the cursor. */
  targets(): readonly ExceptionRow[] {
    const rows = this.rows.value ?? [];
    const selected = rows.filter(({ row }) => this.selected.value.has(row));
    return selected.length > 0 ? selected : rows.slice(this.cursor.value, this.cursor.value + 1);
  }

  /** @param to null gives the row back */
  async assign(row: ExceptionRow, to: string | null): Promise<void> {
    this.#take(await ask(this.#requests, 'assignException', { row: row.row }, { body: { to } }));
  }

  /** All meter days of a row that shows some. */
  async complete(row: ExceptionRow): Promise<void> {
    this.#take(await ask(this.#requests, 'showException', { row: row.row }));
  }

  #take(reply: Reply<ExceptionRow>): void {
    this.refusal.value = reply.ok ? undefined : reply;
    if (reply.ok) this.rows.value = this.rows.value?.map((known) => (known.row === reply.body.row ? reply.body : known));
  }

  async #read(cursor: string | undefined): Promise<void> {
    const reply = await ask(this.#requests, 'listExceptions', {}, { query: { ...this.#filter, cursor } });
    this.refusal.value = reply.ok ? undefined : reply;
    if (!reply.ok) return;
    const rows = cursor === undefined ? reply.body.rows : [...(this.rows.value ?? []), ...reply.body.rows];
    this.rows.value = rows;
    this.next.value = reply.body.cursor;
    this.at.value = Date.now();
    this.selected.value = new Set(rows.map(({ row }) => row).filter((row) => this.selected.value.has(row)));
    this.move('select');
  }
}
