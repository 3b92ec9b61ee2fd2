import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LATEST, LOG_PREFIX } from '../../lambdas/log/places.ts';
import { RESTORES, receiptOf, receiptPlace } from '../../lambdas/log/receipt.ts';
import { putTakenBack, takenBack } from '../../lambdas/log/taken-back.ts';
import { takeUpRestore } from '../../lambdas/maintenance/take-up-restore.ts';
import { encodeEntry, parseEntries } from '../../protocol/log/entry.ts';
import { commitOf } from '../contract/support/events.ts';
import { CheckedStore, OTHER, STREAM, STREAMS, type Tampered } from './checked-store.ts';

const MARK = 'log-check/mark';
/** A log of three bundles is gone through in three runs, one bundle each. */
const SLOWLY = { piece: 1, runsOfRound: 1_000 };

/** What the check finds, on whatever platform. */
export function checkBattery(name: string, open: () => Promise<Tampered>): void {
  describe(`C10.1-7: the check of the store, ${name}`, () => {
    let store: CheckedStore;
    beforeEach(async () => {
      store = new CheckedStore(await open());
      await store.grow(4);
    });
    afterEach(() => store.on.close());

    it('a store that is as it was logged has no finding, new, again and grown', async () => {
      expect(await store.outcome()).toEqual({ findings: [], checked: 12, unchecked: 0 });
      expect(await store.outcome()).toEqual({ findings: [], checked: 12, unchecked: 0 });
      await store.grow(2);
      expect(await store.outcome()).toEqual({ findings: [], checked: 18, unchecked: 0 });
      expect(await store.run()).toEqual([]);
    });

    it('C10.1-7: an altered commit with its chain made anew is named, each time until it is as it was', async () => {
      const kept = await store.on.rows(STREAM);
      await store.remakeFrom(STREAM, 1);
      for (let hour = 0; hour < 3; hour++) {
        const lines = [JSON.stringify({ code: 'LOG_CONTRADICTED', stream: STREAM, reason: 'version 1  not as logged' })];
        expect(await store.run()).toEqual(lines);
      }
      for (const row of kept) await store.on.put(row);
      expect(await store.run()).toEqual([]);
    });

    it('C10.1-7: an altered commit that its noted hash does not fit is named, and so is one whose envelope is none', async () => {
      const row = await store.row(STREAM, 3);
      await store.on.put({ ...row, tag: Buffer.alloc(16) });
      expect(await store.check()).toEqual([`${STREAM}  version 3  altered`, `${STREAM}  version 3  not as logged`]);
      await store.on.put({ ...row, hash: Buffer.alloc(32) });
      expect(await store.check()).toEqual([`${STREAM}  version 3  altered`]);
      await store.on.put({ ...row, envelope: Buffer.from('none') });
      expect(await store.check()).toContain(`${STREAM}  version 3  altered`);
    });

    it('C10.1-7: a stream rolled back, and one that is gone, are named where they end', async () => {
      await store.removeFrom(STREAM, 3);
      await store.removeFrom(OTHER, 0);
      const gone = [`${STREAM}  version 3  gone`, `${OTHER}  version 0  gone`];
      expect(await store.check()).toEqual(gone);
      expect(await store.check()).toEqual(gone);
    });

    it('C10.1-7: other commits in the place of those that were rolled back are named, though the log is told of them', async () => {
      await store.check();
      await store.removeFrom(STREAM, 3);
      await store.grow(3, [STREAM]);
      expect(await store.check()).toContain(`${STREAM}  version 3  not as logged`);
    });

    it('C10.1-7: two commits that changed places are named', async () => {
      const [a, b] = [await store.row(STREAM, 1), await store.row(STREAM, 3)];
      await store.on.put({ ...a, version: 3 });
      await store.on.put({ ...b, version: 1 });
      expect(await store.check()).toEqual([`${STREAM}  version 1  misplaced`, `${STREAM}  version 1  not as logged`]);
      await store.on.put(a);
      await store.on.put(b);
      expect(await store.check()).toEqual([]);
    });

    it('C10.1-7: a commit that the log went on without is named', async () => {
      const { events } = store.on.as('ingest');
      const untold = events.append(await events.head(STREAM), commitOf('untold'));
      await Promise.all([untold.durable, events.append(untold.head, commitOf('told')).durable]);
      const row = await store.row(STREAM, 6);
      await store.on.remove(STREAM, 6);
      await store.tell();
      await store.on.put(row);
      expect(await store.check()).toEqual([`${STREAM}  version 6  unlogged`]);
    });

    it('C10.1-7: going round finds in an old stretch what was done after it was looked at, and stays with it', async () => {
      await store.grow(150);
      expect(await store.outcome(SLOWLY)).toMatchObject({ findings: [], checked: 462, unchecked: 0 });
      const row = await store.row(STREAM, 180);
      await store.on.remove(STREAM, 180);
      const runs = [await store.check(SLOWLY), await store.check(SLOWLY), await store.check(SLOWLY)];
      expect(runs.map((lines) => lines.length)).toEqual([0, 1, 1]);
      expect(runs[2]).toEqual([`${STREAM}  version 180  gone`]);
      await store.on.put(row);
      expect(await store.check(SLOWLY)).toEqual([]);
    });

    it('goes on where it ended when its time is over, and leaves nothing out', async () => {
      await store.grow(150);
      await store.removeFrom('relay/c', 220);
      const none = await store.outcome({ ...SLOWLY, newMs: 0 });
      expect(none).toEqual({ findings: [], checked: 0, unchecked: 462 });
      const { findings, unchecked } = await store.outcome();
      expect([findings.length, unchecked]).toEqual([1, 0]);
    });

    it('goes no further than to as many bundles as it can look at again', async () => {
      await store.grow(150);
      for (const stream of STREAMS) await store.removeFrom(stream, 0);
      const once = await store.outcome({ ...SLOWLY, mostOpen: 1 });
      expect(once).toMatchObject({ checked: 256, unchecked: 206 });
      expect(await store.outcome({ ...SLOWLY, mostOpen: 1 })).toMatchObject({ checked: 256, unchecked: 206 });
      expect((await store.outcome(SLOWLY)).unchecked).toBe(0);
    });
  });

  describe(`C10.1-7: what accounts for commits that are gone, ${name}`, () => {
    let store: CheckedStore;
    beforeEach(async () => {
      store = new CheckedStore(await open());
      await store.grow(4);
    });
    afterEach(() => store.on.close());

    it('C10.1-7: retention that signed for them does, and nobody else', async () => {
      const row = await store.row(STREAM, 3);
      await store.on.as('archive').events.trim({ stream: STREAM, version: 3, hash: row.hash }, Buffer.alloc(32, 1));
      expect(await store.check()).toEqual([]);
      // Time to live takes out what was emptied.
      for (const version of [0, 1, 3]) await store.on.remove(STREAM, version);
      expect(await store.check()).toEqual([]);
      await store.removeFrom(STREAM, 4);
      expect(await store.check()).toEqual([`${STREAM}  version 4  gone`]);
      await store.on.forgeAnchor(await store.row(OTHER, 3));
      await store.on.remove(OTHER, 3);
      expect(await store.check()).toEqual([`${STREAM}  version 4  gone`, `${OTHER}  version 3  unsigned`, `${OTHER}  version 3  gone`]);
    });

    it('C10.1-7: an archive does, as long as it has them', async () => {
      const { events, objects } = store.on.as('archive');
      await events.archive([STREAM, OTHER]);
      for (const stream of [STREAM, OTHER]) for (const version of [0, 1, 3, 4]) await store.on.remove(stream, version);
      expect(await store.check()).toEqual([]);
      const [key] = await objects.list('archive/');
      const bytes = (await objects.get(key!))!;
      await objects.put(key!, Buffer.from(bytes).fill(0, 60, 64));
      expect(await store.check()).toContain(`${STREAM}  version 0  altered`);
      await objects.delete(key!);
      expect(await store.check()).toContain(`${OTHER}  version 0  altered`);
      await objects.put(key!, bytes);
      expect(await store.check()).toEqual([]);
    });

    it('C10.1-7: a restore with its receipt does, before and after the streams went on', async () => {
      const moment = new Date(store.on.as('log').clock.now()).toISOString();
      await store.grow(2);
      expect(await store.check()).toEqual([]);
      for (const stream of [STREAM, OTHER]) await store.removeFrom(stream, 6);
      const gone = [`${STREAM}  version 6  gone`, `${OTHER}  version 6  gone`];
      expect(await store.check()).toEqual(gone);
      const { receipt } = await takeUpRestore(store.on.as('maintenance'), { restoredTo: moment });
      expect(receipt).toBeDefined();
      // The log has not heard of it.
      expect(await store.check()).toEqual(gone);
      await store.log();
      expect(await store.check()).toEqual([]);
      await store.grow(3, [STREAM]);
      expect(await store.check()).toEqual([]);
      // What lay before is none of what was taken back.
      const row = await store.row(STREAM, 4);
      await store.on.remove(STREAM, 4);
      expect(await store.check()).toEqual([`${STREAM}  version 4  gone`]);
      await store.on.put(row);
      // What came in the places that were free is held against its own entries.
      await store.on.remove(STREAM, 7);
      expect(await store.check()).toEqual([`${STREAM}  version 7  gone`]);
    });

    it('C10.1-7: what the log says is taken back counts for nothing without a receipt, and a receipt for nothing without the log', async () => {
      await store.removeFrom(STREAM, 3);
      const log = store.on.as('log');
      const back = await takenBack(log, log.events);
      await putTakenBack(log.objects, back);
      await store.log();
      const lines = [`log  entry 12  takes ${STREAM} back from version 3 on, and no receipt accounts for it`, `${STREAM}  version 3  gone`];
      expect(await store.check()).toEqual(lines);
      const { clock, objects } = store.on.as('maintenance');
      const restoredAt = clock.now();
      const put = (text: string) => objects.put(receiptPlace(restoredAt), Buffer.from(text));
      const receipt = { takenAt: restoredAt, restoredAt, streams: back };
      await put(receiptOf({ ...receipt, streams: back.map((head) => ({ ...head, hash: Buffer.alloc(32) })) }));
      expect(await store.check()).toEqual(lines);
      await put('{"takenAt":0,"restoredAt":0,"streams":[{"stream":7}]}');
      expect(await store.check()).toEqual(lines);
      await put(receiptOf(receipt));
      expect(await store.check()).toEqual([]);
      await objects.put(`${RESTORES}other`, Buffer.from(receiptOf({ ...receipt, streams: [{ ...back[0]!, stream: OTHER }] })));
      await store.removeFrom(OTHER, 3);
      expect(await store.check()).toEqual([`${OTHER}  version 3  gone`]);
    });
  });

  describe(`C10.1-7: the log that the store is held against, ${name}`, () => {
    let store: CheckedStore;
    beforeEach(async () => {
      store = new CheckedStore(await open());
      await store.grow(4);
      await store.check();
    });
    afterEach(() => store.on.close());

    const objects = () => store.on.as('log').objects;
    /** The log is made anew over what lies there, by its own key. */
    const rewrite = async () => {
      const { directory } = store.on.as('log');
      for (const key of await objects().list(LOG_PREFIX)) if (!key.startsWith('log-check/')) await objects().delete(key);
      const marks = [...STREAMS.map((stream) => [`log/stream/${stream}`, '-1']), ['log/marked', '0'], ['log/witnessed', '0']];
      await directory.put(marks.map(([key, value]) => ({ key: key!, value: Buffer.from(value!) })));
      await store.tell();
    };

    it('C10.1-7: rewritten over an altered store by its own key it is another, each time', async () => {
      await store.remakeFrom(STREAM, 1);
      await rewrite();
      const lines = ['log  entry 0  not the first 12 entries that the last check found'];
      expect(await store.check()).toEqual(lines);
      await store.grow(2);
      expect(await store.check()).toEqual(lines);
    });

    it('C10.1-7: rewritten without a stream it is shorter, and taken away it is missed', async () => {
      await store.removeFrom(STREAM, 0);
      await rewrite();
      expect(await store.check()).toEqual(['log  entry 8  is missing: the last check found 12 entries']);
      await objects().delete(LATEST);
      expect(await store.check()).toEqual(['log  there is none, and there was']);
    });

    it('C10.1-7: a checkpoint that its key did not sign is none', async () => {
      const note = (await objects().get(LATEST))!.toString();
      await objects().put(LATEST, Buffer.from(note.replace('\n12\n', '\n13\n')));
      expect(await store.check()).toEqual(['log  log/latest  is no checkpoint that this log’s key signed']);
      await objects().put(LATEST, Buffer.from(note));
      expect(await store.check()).toEqual([]);
    });

    it.each([
      ['log/entries/000.p/12', /^log {2}entry \d+ {2}(is not what tile 0\/0 has|entries are not there whole)$/],
      ['log/tile/0/000.p/12', /^log {2}entry 11 {2}is not what tile 0\/0 has$/],
    ])('C10.1-7: an altered byte of %s is found, and nothing once it is put back', async (key, line) => {
      const bytes = (await objects().get(key))!;
      await objects().put(key, Buffer.from(bytes).fill(bytes.at(-1)! ^ 1, bytes.length - 1));
      const said = await store.check();
      expect(said).toEqual([expect.stringMatching(line)]);
      await objects().delete(key);
      expect(await store.check()).toHaveLength(1);
      await objects().put(key, bytes);
      expect(await store.check()).toEqual([]);
    });

    it('entries and their tile altered together are not what was signed', async () => {
      await store.grow(150);
      const all = { runsOfRound: 1 };
      expect(await store.check(all)).toEqual([]);
      const [tile, entries] = ['log/tile/0/000', 'log/entries/000'];
      const hashes = (await objects().get(tile))!;
      const [first, second, ...others] = parseEntries((await objects().get(entries))!);
      await objects().put(tile, Buffer.concat([hashes.subarray(32, 64), hashes.subarray(0, 32), hashes.subarray(64)]));
      expect(await store.check(all)).toEqual(['log  entry 0  is not what tile 0/0 has']);
      await objects().put(entries, Buffer.concat([second!, first!, ...others].map(encodeEntry)));
      expect(await store.check(all)).toEqual(['log  entry 0  is not among the first 462 entries that log/latest was signed over']);
    });

    it('begins anew with a mark that is none, or gone', async () => {
      for (const mark of ['{', '{"size":"12"}', '[]', '{"size":1,"from":2,"round":0,"root":"","open":[]}']) {
        await objects().put(MARK, Buffer.from(mark));
        expect(await store.outcome()).toMatchObject({ findings: [], checked: 12 });
      }
      await store.removeFrom(STREAM, 3);
      await objects().put(MARK, Buffer.from('{"size":12,"from":12,"round":0,"root":"","open":[]}'));
      expect(await store.check()).toEqual(['log  entry 0  not the first 12 entries that the last check found']);
      await objects().delete(MARK);
      expect(await store.check()).toEqual([`${STREAM}  version 3  gone`]);
    });
  });
}
