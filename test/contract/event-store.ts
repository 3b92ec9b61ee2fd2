import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../events/index.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import { activated, all, commitOf, idOf, telemetryCommit, versionsOf } from './support/events.ts';

/** One storage, opened twice: two writers that share nothing else. */
export interface StoresUnderTest {
  readonly store: EventStore;
  readonly other: EventStore;
  /** A process appends `commitOf(name)` to the stream and is killed when it is durable, before it can tell anybody. */
  crashAfterPut(stream: string, name: string): Promise<void>;
  close(): Promise<void>;
}

const STREAM = 'meter/0011223344556677';

/** What every implementation of `EventStore` must do. */
export function eventStoreContract(name: string, open: () => Promise<StoresUnderTest>): void {
  describe(`event store contract: ${name}`, () => {
    let under: StoresUnderTest;
    let store: EventStore;

    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under.close());

    it('an empty stream has head -1, no hash and no commits', async () => {
      const head = await store.head(STREAM);
      expect(head).toEqual({ stream: STREAM, version: -1, hash: Buffer.alloc(32) });
      expect(await all(store.read(STREAM))).toEqual([]);
    });

    it('what was appended is read as it was, by this writer and by another', async () => {
      const { durable, head } = store.append(await store.head(STREAM), telemetryCommit('a', 4000));
      expect(await durable).toBe('appended');
      for (const reader of [store, under.other]) {
        const [commit, ...rest] = await all(reader.read(STREAM));
        expect(rest).toEqual([]);
        expect(commit!.commitId).toEqual(idOf('a'));
        expect(commit!.version).toBe(0);
        expect(commit!.head).toEqual(head);
        expect(commit!.events).toEqual(telemetryCommit('a', 4000).events);
        expect(commit!.erased).toBeUndefined();
        expect(await reader.head(STREAM)).toEqual(head);
      }
    });

    it('says where a stream stands, and that its chain is sound, to whoever only reads', async () => {
      expect(await under.other.latest(STREAM)).toEqual({ stream: STREAM, version: -1, hash: Buffer.alloc(32) });
      expect(await under.other.verify(STREAM)).toEqual({ commits: 0, sealed: 0 });
      const first = store.append(await store.head(STREAM), commitOf('a', 2));
      const second = store.append(first.head, commitOf('b'));
      await Promise.all([first.durable, second.durable]);
      expect(await under.other.latest(STREAM)).toEqual(second.head);
      expect(await under.other.verify(STREAM)).toEqual({ commits: 2, sealed: 0 });
    });

    it('says what lies in the place of a commit, and that nothing lies where none begins', async () => {
      const first = store.append(await store.head(STREAM), commitOf('a', 3));
      const second = store.append(first.head, commitOf('b', 2));
      await Promise.all([first.durable, second.durable]);
      for (const reader of [store, under.other]) {
        const traces = await Promise.all([0, 1, 3, 5].map((version) => reader.traceAt(STREAM, version)));
        const recordedAt = expect.any(Number);
        expect(traces).toEqual([
          { version: 0, count: 3, recordedAt, hash: first.head.hash },
          undefined,
          { version: 3, count: 2, recordedAt, hash: second.head.hash },
          undefined,
        ]);
        expect(traces[2]!.recordedAt).toBe((await all(reader.read(STREAM, 3)))[0]!.recordedAt);
      }
      expect(await store.traceAt('meter/none', 0)).toBeUndefined();
    });

    it('several events are one commit with dense versions', async () => {
      const first = store.append(await store.head(STREAM), commitOf('a', 3));
      const second = store.append(first.head, commitOf('b', 2));
      await Promise.all([first.durable, second.durable]);
      const commits = await all(store.read(STREAM));
      expect(commits.map(({ version, events }) => [version, events.length])).toEqual([
        [0, 3],
        [3, 2],
      ]);
      expect((await store.head(STREAM)).version).toBe(4);
    });

    it('one reads what one has appended without waiting for it', async () => {
      const appended = store.append(await store.head(STREAM), commitOf('a'));
      expect(versionsOf(await all(store.read(STREAM)))).toEqual([0]);
      expect(await store.head(STREAM)).toEqual(appended.head);
      expect(await appended.durable).toBe('appended');
    });

    it('G6: of two writers of one version exactly one wins, and the other hears who', async () => {
      const [mine, theirs] = await Promise.all([store.head(STREAM), under.other.head(STREAM)]);
      const outcomes = await Promise.allSettled([
        store.append(mine, commitOf('mine')).durable,
        under.other.append(theirs, commitOf('theirs')).durable,
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const [winner] = await all(store.read(STREAM));
      const lost = outcomes.find((outcome) => outcome.status === 'rejected')!.reason as VersionConflict;
      expect(lost).toBeInstanceOf(VersionConflict);
      expect(lost).toMatchObject({ code: 'ERR_VERSION_CONFLICT', retryable: true, stream: STREAM, expectedVersion: 0 });
      expect(lost.winner).toEqual(winner!.commitId);
      expect(versionsOf(await all(under.other.read(STREAM)))).toEqual([0]);
    });

    it('G6: many writers that retry lose nothing and write nothing twice', async () => {
      const write = async (writer: EventStore, who: string) => {
        for (;;) {
          try {
            return await writer.append(await writer.head(STREAM), commitOf(who)).durable;
          } catch (error) {
            if (!(error instanceof VersionConflict)) throw error;
          }
        }
      };
      const names = Array.from({ length: 24 }, (_, index) => `writer ${index}`);
      await Promise.all(names.map((who, index) => write(index % 2 ? store : under.other, who)));
      const commits = await all(store.read(STREAM));
      expect(versionsOf(commits)).toEqual(names.map((_, index) => index));
      expect(new Set(commits.map(({ commitId }) => commitId.toString('hex')))).toEqual(
        new Set(names.map((who) => idOf(who).toString('hex'))),
      );
    });

    it('a conflict in the middle of a commit of several events names that commit', async () => {
      const empty = await store.head(STREAM);
      const first = store.append(empty, commitOf('a'));
      await store.append(first.head, commitOf('winner', 3)).durable;
      const stale = { ...first.head, version: 1 };
      await expect(store.append(stale, commitOf('loser')).durable).rejects.toMatchObject({ winner: idOf('winner'), expectedVersion: 2 });
    });

    it('appends prepared on top of one that loses lose with it, even when versions fit', async () => {
      const stale = await store.head(STREAM);
      await under.other.append(await under.other.head(STREAM), commitOf('winner')).durable;
      const first = store.append(stale, commitOf('loser'));
      const second = store.append(first.head, commitOf('on top of it'));
      await expect(first.durable).rejects.toBeInstanceOf(VersionConflict);
      await expect(second.durable).rejects.toBeInstanceOf(VersionConflict);
      expect((await all(store.read(STREAM))).map(({ commitId }) => commitId)).toEqual([idOf('winner')]);
    });

    it('a conflict in one stream leaves the appends to others alone', async () => {
      const stale = await store.head(STREAM);
      await under.other.append(await under.other.head(STREAM), commitOf('winner')).durable;
      const elsewhere = await store.head('relay/dc1');
      const lost = store.append(stale, commitOf('loser'));
      const kept = store.append(elsewhere, commitOf('kept'));
      await expect(lost.durable).rejects.toBeInstanceOf(VersionConflict);
      expect(await kept.durable).toBe('appended');
    });

    it('appends are pipelined: each is prepared on the head of the one before', async () => {
      let head = await store.head(STREAM);
      const waiting = Array.from({ length: 50 }, (_, index) => {
        const appended = store.append(head, commitOf(`pipelined ${index}`));
        head = appended.head;
        return appended.durable;
      });
      expect(new Set(await Promise.all(waiting))).toEqual(new Set(['appended']));
      expect(await store.head(STREAM)).toEqual(head);
    });

    it('a head that leaves a gap is refused', async () => {
      const head = await store.head(STREAM);
      await expect(store.append({ ...head, version: 6 }, commitOf('far')).durable).rejects.toBeInstanceOf(VersionConflict);
      expect(await all(store.read(STREAM))).toEqual([]);
    });

    it('a head with another hash is refused: it stands on another history', async () => {
      await store.append(await store.head(STREAM), commitOf('a')).durable;
      const head = await store.head(STREAM);
      await expect(store.append({ ...head, hash: idOf('elsewhere') }, commitOf('b')).durable).rejects.toMatchObject({
        code: 'ERR_VERSION_CONFLICT',
      });
    });

    it('the same commit at the same version is recognised as an own retry', async () => {
      const head = await store.head(STREAM);
      expect(await store.append(head, commitOf('a')).durable).toBe('appended');
      expect(await store.append(head, commitOf('a')).durable).toBe('repeated');
      expect(await under.other.append(await under.other.head(STREAM), commitOf('b')).durable).toBe('appended');
      expect(versionsOf(await all(store.read(STREAM)))).toEqual([0, 1]);
    });

    it('a late redelivery is recognised after other commits came in between', async () => {
      const head = await store.head(STREAM);
      await store.append(head, commitOf('a', 2)).durable;
      await store.append(await store.head(STREAM), commitOf('b')).durable;
      await store.append(await store.head(STREAM), commitOf('c')).durable;
      expect(await store.append(head, commitOf('a', 2)).durable).toBe('repeated');
      expect(versionsOf(await all(store.read(STREAM)))).toEqual([0, 2, 3]);
    });

    it('crash between put and acknowledge: the commit stands, and the retry finds it', async () => {
      const head = await store.head(STREAM);
      await under.crashAfterPut(STREAM, 'killed');
      expect(await store.append(head, commitOf('killed')).durable).toBe('repeated');
      expect((await all(store.read(STREAM))).map(({ commitId }) => commitId)).toEqual([idOf('killed')]);
    });

    it('reads more than one page, from any commit on', async () => {
      let head = await store.head(STREAM);
      const waiting: Promise<unknown>[] = [];
      for (let index = 0; index < 210; index++) {
        const appended = store.append(head, commitOf(`commit ${index}`, 1 + (index % 2)));
        head = appended.head;
        waiting.push(appended.durable);
      }
      await Promise.all(waiting);
      const commits = await all(store.read(STREAM));
      expect(commits.length).toBe(210);
      expect(commits.at(-1)!.head).toEqual(head);
      const later = await all(store.read(STREAM, commits[150]!.version));
      expect(versionsOf(later)).toEqual(versionsOf(commits.slice(150)));
      expect(await all(store.read(STREAM, head.version + 1))).toEqual([]);
    });

    it('a commit over 64 KiB is refused before anything is written; one just under it is not', async () => {
      const head = await store.head(STREAM);
      expect(() => store.append(head, telemetryCommit('big', 65_000))).toThrow(expect.objectContaining({ code: 'ERR_COMMIT_TOO_LARGE' }));
      expect(await store.append(head, telemetryCommit('fits', 64_600)).durable).toBe('appended');
      expect((await all(store.read(STREAM))).map(({ commitId }) => commitId)).toEqual([idOf('fits')]);
    });

    it('an event type that is not in the contract is refused', async () => {
      const head = await store.head(STREAM);
      const unknown = { type: 'MeterPainted', data: {} } as unknown as DomainEvent;
      expect(() => store.append(head, { commitId: idOf('a'), events: [activated(1), unknown] })).toThrow(
        expect.objectContaining({ code: 'ERR_EVENT_UNKNOWN' }),
      );
      expect(await all(store.read(STREAM))).toEqual([]);
    });

    it('a commit without events, or with a commit id of another length, is refused', async () => {
      const head = await store.head(STREAM);
      const invalid = expect.objectContaining({ code: 'ERR_COMMIT_INVALID' });
      expect(() => store.append(head, { commitId: idOf('a'), events: [] })).toThrow(invalid);
      expect(() => store.append(head, { ...commitOf('a'), commitId: Buffer.alloc(31) })).toThrow(invalid);
    });

    it('names of streams are found by prefix', async () => {
      for (const stream of ['meter/b', 'meter/a', 'relay/dc1', 'segment/00000']) {
        await store.append(await store.head(stream), commitOf(stream)).durable;
      }
      expect(await all(store.streams('meter/'))).toEqual(['meter/a', 'meter/b']);
      expect((await all(store.streams(''))).length).toBe(4);
      expect(await all(store.streams('usagepoint/'))).toEqual([]);
    });

    it('a stream is named <class>/<id>', async () => {
      for (const stream of ['meter', 'Meter/1', '/x', 'meter/', `meter/${'x'.repeat(130)}`, 'meter/a b']) {
        await expect(store.head(stream)).rejects.toMatchObject({ code: 'ERR_STREAM_NAME' });
      }
    });
  });
}
