import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Problem } from '../../api/problems.ts';
import type { SealedStore } from './sealed-store.ts';
import type { Refusal, Reply } from './session.ts';

/** What is known of something that has to be fetched. `at`: when it was, UTC ms. */
export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T; readonly at: number; readonly etag?: string }
  /** The service did not answer as it should; what it said the time before, where it said something. */
  | { readonly state: 'failed'; readonly status: number; readonly problem: Problem | undefined; readonly known?: Known<T> }
  /** The service was not reached; what was known before, where there is something. */
  | { readonly state: 'offline'; readonly known?: Known<T> };

/** `at`: UTC ms. */
export interface Known<T> {
  readonly value: T;
  readonly at: number;
}

/** What there is to show: the answer, or what was known before. */
export function knownOf<T>(loaded: Loaded<T>): Known<T> | undefined {
  if (loaded.state === 'loading') return undefined;
  const known = loaded.state === 'ready' ? loaded : loaded.known;
  return known && { value: known.value, at: known.at };
}

export interface Resource<T> {
  readonly state: ReadonlySignal<Loaded<T>>;
  /** Fetches again; what is there stays until the answer. */
  readonly reload: () => Promise<void>;
}

export interface LoadOptions {
  /** Keeps the newest, sealed, for times without network. */
  readonly keep?: { readonly store: Pick<SealedStore, 'get' | 'put'>; readonly name: string };
  readonly now?: () => number;
}

/** Something that `read` fetches. Nothing happens before the first `reload`. */
export function resource<T>(read: () => Promise<Reply<T>>, { keep, now = Date.now }: LoadOptions = {}): Resource<T> {
  const state = signal<Loaded<T>>({ state: 'loading' });
  let latest = 0;
  const reload = async () => {
    const turn = ++latest;
    const reply = await read();
    const next = reply.ok ? readyOf(reply, now()) : await withoutValue(reply, state.value, keep);
    // Whoever was overtaken has nothing to say.
    if (turn !== latest) return;
    state.value = next;
    if (next.state === 'ready') await keep?.store.put(keep.name, next.value, next.at);
  };
  return { state, reload };
}

/** The same inside of a component: fetched when it appears, and anew when what it depends on changes. */
export function useLoad<T>(read: () => Promise<Reply<T>>, dependsOn: readonly unknown[], options: LoadOptions = {}): Resource<T> {
  const made = useMemo(() => resource(read, options), dependsOn);
  useEffect(() => void made.reload(), [made]);
  return made;
}

async function withoutValue<T>({ status, problem }: Refusal, before: Loaded<T>, keep: LoadOptions['keep']): Promise<Loaded<T>> {
  const shown = knownOf(before);
  // Whoever may see it no longer keeps nothing of it.
  const isPassing = status >= 500 || status === 429;
  if (status !== 0) return { state: 'failed', status, problem, ...(isPassing && shown !== undefined && { known: shown }) };
  const known = shown ?? (await keep?.store.get<T>(keep.name));
  return known === undefined ? { state: 'offline' } : { state: 'offline', known };
}

function readyOf<T>({ body, etag }: Extract<Reply<T>, { ok: true }>, at: number): Extract<Loaded<T>, { state: 'ready' }> {
  return { state: 'ready', value: body, at, ...(etag !== undefined && { etag }) };
}
