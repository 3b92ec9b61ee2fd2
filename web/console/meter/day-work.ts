import { computed, type Signal, signal } from '@preact/signals';
import type { Edited, Preview } from '../../../api/edits.ts';
import type { Caller, Refusal } from '../../shared/session.ts';
import { ask } from '../model/calls.ts';
import { type EditForm, type Intent, type Plan, planOf } from '../model/edit-form.ts';
import {
  authorsOf,
  ChangeKeys,
  changeDay,
  type DayChange,
  type DayPlace,
  recordedSince,
  type SeenDay,
  seeDay,
  wasChanged,
} from '../model/versioned.ts';

/** What came of the last change. */
export type News =
  | { readonly news: 'done'; readonly result: Edited['result'] | 'approved'; readonly repeated: boolean }
  | {
      readonly news: 'changed';
      readonly by: readonly (string | undefined)[];
      readonly at: string | undefined;
      readonly what: readonly string[];
    }
  | { readonly news: 'refused'; readonly refusal: Refusal };

const BILLABLE = 'urn:joulekeep:problem:slot-billable';

const EMPTY: EditForm = { kind: 'estimate', method: 'E4', channel: 0, slots: [], values: '', reason: '', note: '' };

/** A day on somebody's desk: as it was seen, what they are about to do, and what came of it. */
export class DayWork {
  readonly seen: Signal<SeenDay>;
  readonly form: Signal<EditForm>;
  readonly intent: Signal<Intent> = signal({ does: 'edit' });
  readonly preview: Signal<{ readonly of: string; readonly value: Preview } | undefined> = signal(undefined);
  readonly news: Signal<News | undefined> = signal(undefined);
  /** The estimate was refused for slots that a measurement stands in. */
  readonly unfit = signal(false);
  readonly busy = signal(false);
  /** Slot that the keys are at. */
  readonly cursor = signal(0);
  readonly channel = computed(() => {
    const { channels } = this.seen.value.day;
    return channels.find(({ channel }) => channel === this.form.value.channel) ?? channels[0];
  });
  /** What would be done; `undefined` while the form has faults. */
  readonly plan = computed(() => planOf(this.intent.value, this.form.value, this.channel.value?.perCount ?? 1));
  /** The preview, while it is one of what would be done to the day as it is seen. */
  readonly current = computed(() => (this.preview.value?.of === this.#textOf(this.plan.value) ? this.preview.value?.value : undefined));
  readonly #requests: Caller;
  readonly #place: DayPlace;
  readonly #keys: ChangeKeys;

  constructor(requests: Caller, place: DayPlace, seen: SeenDay, newKey: () => string) {
    this.#requests = requests;
    this.#place = place;
    this.#keys = new ChangeKeys(newKey);
    this.seen = signal(seen);
    this.form = signal({ ...EMPTY, channel: seen.day.channels[0]?.channel ?? 0 });
  }

  set(change: Partial<EditForm>): void {
    this.unfit.value = false;
    this.form.value = { ...this.form.value, ...change };
  }

  async look(): Promise<void> {
    const plan = this.plan.value;
    if (plan === undefined) return;
    const of = this.#textOf(plan);
    await this.#busily(async () => {
      const reply = await ask(this.#requests, 'previewEdit', { ...this.#place }, { body: plan.preview });
      this.unfit.value = !reply.ok && reply.problem?.type === BILLABLE;
      this.news.value = reply.ok || this.unfit.value ? undefined : { news: 'refused', refusal: reply };
      this.preview.value = reply.ok ? { of, value: reply.body } : undefined;
    });
  }

  async save(): Promise<void> {
    if (this.plan.value !== undefined && this.current.value !== undefined) await this.change(this.plan.value.change);
  }

  async change(change: DayChange): Promise<void> {
    const { etag } = this.seen.value;
    if (etag === undefined) return;
    await this.#busily(async () => {
      const key = this.#keys.of(JSON.stringify([etag, change]));
      const reply = await changeDay(this.#requests, this.#place, { etag, key }, change);
      if (reply.ok) await this.#done(change, reply.body);
      else if (wasChanged(reply)) await this.#overtaken();
      else this.news.value = { news: 'refused', refusal: reply };
    });
  }

  async #done({ change }: DayChange, { result, repeated }: Edited): Promise<void> {
    this.#keys.done();
    this.news.value = { news: 'done', result: change === 'approveEdit' && result === 'recorded' ? 'approved' : result, repeated };
    this.intent.value = { does: 'edit' };
    this.set({ slots: [], values: '', note: '' });
    await this.#again();
  }

  async #overtaken(): Promise<void> {
    const before = this.seen.value.day;
    if (!(await this.#again())) return;
    const since = recordedSince(before, this.seen.value.day);
    this.news.value = { news: 'changed', by: authorsOf(since), at: since.at(-1)?.recordedAt, what: since.map(({ type }) => type) };
  }

  async #again(): Promise<boolean> {
    const reply = await seeDay(this.#requests, this.#place);
    if (reply.ok) this.seen.value = reply.body;
    else this.news.value = { news: 'refused', refusal: reply };
    return reply.ok;
  }

  async #busily(work: () => Promise<void>): Promise<void> {
    this.busy.value = true;
    await work();
    this.busy.value = false;
  }

  #textOf(plan: Plan | undefined): string {
    return JSON.stringify([this.seen.value.etag, plan?.preview]);
  }
}
