import { describe, expect, it } from 'vitest';
import { resource } from '../../web/shared/load.ts';
import { hrefOf, placeOf } from '../../web/shared/router.ts';
import { SealedStore } from '../../web/shared/sealed-store.ts';
import type { Reply } from '../../web/shared/session.ts';
import { MemoryKept } from './memory-kept.ts';

const NOT_REACHED: Reply<string> = { ok: false, status: 0, problem: undefined };
const BROKEN: Reply<string> = { ok: false, status: 503, problem: undefined };

/** Answers in turn; the last one again and again. */
function inTurn(...replies: readonly Reply<string>[]): () => Promise<Reply<string>> {
  let turn = 0;
  return async () => replies[Math.min(turn++, replies.length - 1)]!;
}

describe('something fetched', () => {
  it('is loading, then there, with the time it was', async () => {
    const { state, reload } = resource(inTurn({ ok: true, body: 'a' }), { now: () => 5 });
    expect(state.value).toEqual({ state: 'loading' });
    await reload();
    expect(state.value).toEqual({ state: 'ready', value: 'a', at: 5 });
  });

  it('fails with what the service said', async () => {
    const { state, reload } = resource(inTurn(BROKEN));
    await reload();
    expect(state.value).toEqual({ state: 'failed', status: 503, problem: undefined });
  });

  it('shows what it knew, with its age, while the service has nothing newer to say', async () => {
    const { state, reload } = resource(inTurn({ ok: true, body: 'a', etag: '"1"' }, BROKEN), { now: () => 5 });
    await reload();
    expect(state.value).toEqual({ state: 'ready', value: 'a', at: 5, etag: '"1"' });
    for (let i = 0; i < 2; i++) await reload();
    expect(state.value).toEqual({ state: 'failed', status: 503, problem: undefined, known: { value: 'a', at: 5 } });
  });

  it.each([401, 403, 404])('shows nothing any more of what %i refuses', async (status) => {
    const { state, reload } = resource(inTurn({ ok: true, body: 'a' }, { ok: false, status, problem: undefined }));
    for (let i = 0; i < 2; i++) await reload();
    expect(state.value).toEqual({ state: 'failed', status, problem: undefined });
  });

  it('shows without network what was known, with its age, again and again', async () => {
    const { state, reload } = resource(inTurn({ ok: true, body: 'a' }, NOT_REACHED), { now: () => 5 });
    for (let i = 0; i < 3; i++) await reload();
    expect(state.value).toMatchObject({ state: 'offline', known: { value: 'a', at: 5 } });
  });

  it('C10.2-3: without network after a reload, what lies sealed, with its age; nothing where nothing was kept', async () => {
    const keep = { store: new SealedStore(new MemoryKept()), name: 'today' };
    await resource(inTurn({ ok: true, body: 'a' }), { keep, now: () => 5 }).reload();
    const later = resource(inTurn(NOT_REACHED), { keep });
    await later.reload();
    expect(later.state.value).toEqual({ state: 'offline', known: { value: 'a', at: 5 } });
    const other = resource(inTurn(NOT_REACHED), { keep: { ...keep, name: 'usage' } });
    await other.reload();
    expect(other.state.value).toEqual({ state: 'offline' });
  });

  it('is what was asked for last, in whatever order answers come', async () => {
    const answers: ((reply: Reply<string>) => void)[] = [];
    const { state, reload } = resource(() => new Promise<Reply<string>>((resolve) => answers.push(resolve)), { now: () => 5 });
    const both = [reload(), reload()];
    answers[1]!({ ok: true, body: 'new' });
    answers[0]!({ ok: true, body: 'old' });
    await Promise.all(both);
    expect(state.value).toMatchObject({ value: 'new' });
  });
});

describe('places', () => {
  it('are read as they were written', () => {
    const { parts, query } = placeOf(hrefOf(['usage', 'a/b ü'], { unit: 'money' }));
    expect([parts, query.get('unit')]).toEqual([['usage', 'a/b ü'], 'money']);
    expect([placeOf('').parts, placeOf('#/').parts, placeOf('#/%E0%A4%A').parts]).toEqual([[], [], []]);
  });
});
