import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewItem, ReadModels, ReadTable } from '../../platform/ports/read-models.ts';
import { grantSubjectAccess } from '../../platform/ports/subject-grants.ts';
import { all } from './support/events.ts';

export interface ReadModelsUnderTest {
  as(principal: string): ReadModels;
  /** Destroys a subject's usage key of a month. */
  erase(subject: string, month: string): Promise<void>;
  /** The row of the key table that seals commits of a segment now. */
  rowOf(segment: string): Promise<string>;
  eraseRow(row: string): Promise<void>;
  /** Closes and opens again what the process holds; memory goes on as it is. */
  readonly reopen: () => Promise<ReadModelsUnderTest>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 10, 5, 12);
const ACCESS = grantSubjectAccess({ principal: 'project', purpose: 'projection', from: NOON, until: NOON + DAY_MS }, ['a-1']);

function item(sort: string, version: number, value: string | undefined, stream = 'segment/1'): NewItem {
  return { partition: 'p', sort, upTo: { stream, version }, value: value === undefined ? undefined : Buffer.from(value) };
}

function owned(sort: string, version: number, value: string, subject = 'a-1'): NewItem {
  return { ...item(sort, version, value), owner: { subject, day: '2026-11-05' } };
}

function shared(sort: string, version: number, value: string, row: string): NewItem {
  return { ...item(sort, version, value), owner: { row, day: '2026-11-05' } };
}

async function valuesOf(table: ReadTable, prefix = ''): Promise<string[]> {
  return (await all(table.query('p', prefix))).map(({ sort, value }) => `${sort}=${value}`);
}

/** What every implementation of `ReadModels` must do. */
export function readModelsContract(name: string, open: () => Promise<ReadModelsUnderTest>): void {
  describe(`read models contract: ${name}`, () => {
    let under: ReadModelsUnderTest;
    let models: ReadModels;
    let table: ReadTable;

    beforeEach(async () => {
      under = await open();
      models = under.as('project');
      table = models.table('shelf');
    });
    afterEach(() => under.close());

    it('an item is removed at the version that it has, stays removed at that, and comes back with a later one', async () => {
      await table.put([item('a', 3, 'one'), item('b', 4, 'two')]);
      await table.put([item('a', 2, undefined), item('b', 4, undefined)]);
      expect(await valuesOf(table)).toEqual(['a=one']);
      await table.put([item('b', 4, 'two')]);
      expect(await valuesOf(table)).toEqual(['a=one']);
      await table.put([item('b', 5, 'three')]);
      expect(await valuesOf(table)).toEqual(['a=one', 'b=three']);
    });

    it('items are found by key, absent ones are undefined, tables and partitions are apart', async () => {
      await table.put([item('a', 3, 'one'), item('b', 4, '')]);
      await models.table('other').put([item('a', 9, 'elsewhere')]);
      await table.put([{ ...item('a', 5, 'two'), partition: 'q' }]);
      const [a, b, c] = await table.getMany([
        { partition: 'p', sort: 'a' },
        { partition: 'p', sort: 'b' },
        { partition: 'p', sort: 'c' },
      ]);
      expect(a).toEqual({ partition: 'p', sort: 'a', upTo: { stream: 'segment/1', version: 3 }, value: Buffer.from('one') });
      expect(b?.value).toEqual(Buffer.alloc(0));
      expect(c).toBeUndefined();
    });

    it('older never overwrites newer, in whatever order writes come, removals included', async () => {
      await table.put([item('a', 5, 'five'), item('b', 2, 'two')]);
      await table.put([item('a', 4, 'four'), item('a', 5, 'again'), item('b', 3, undefined)]);
      await table.put([item('b', 2, 'back')]);
      expect(await valuesOf(table)).toEqual(['a=five']);
      await table.put([item('a', 6, 'six'), item('b', 7, 'seven')]);
      expect(await valuesOf(table)).toEqual(['a=six', 'b=seven']);
    });

    it('an item made from another stream is refused, and nothing of that put that comes behind it is written', async () => {
      await table.put([item('a', 5, 'five')]);
      await expect(table.put([item('a', 9, 'nine', 'segment/2'), item('b', 9, 'x')])).rejects.toThrow(
        expect.objectContaining({ code: 'ERR_ITEM_STREAM' }),
      );
      expect(await valuesOf(table)).toEqual(['a=five']);
    });

    it('queries by prefix in the order of sort keys, over more than one page', async () => {
      const sorts = Array.from({ length: 1_203 }, (_, i) => `x/${String(i).padStart(5, '0')}`);
      await table.put([...sorts.toReversed(), 'x', 'x0', 'y/1'].map((sort, i) => item(sort, i, sort)));
      expect((await all(table.query('p', 'x/'))).map(({ sort }) => sort)).toEqual(sorts);
      expect(await all(table.query('p', 'z'))).toEqual([]);
      expect(await all(table.query('other', 'x'))).toEqual([]);
    });

    it('a rebuild is invisible until it is switched to, then it is all there is', async () => {
      await table.put([item('old', 1, 'old'), item('both', 9, 'before')]);
      const rebuild = await models.rebuild('shelf');
      await rebuild.table.put([item('both', 2, 'after'), item('new', 2, 'new')]);
      expect(await valuesOf(table)).toEqual(['both=before', 'old=old']);
      await rebuild.switch();
      expect(await valuesOf(table)).toEqual(['both=after', 'new=new']);
      await table.put([item('both', 3, 'later')]);
      expect(await valuesOf(table)).toEqual(['both=later', 'new=new']);
    });

    it('a rebuild that another has overtaken can not be switched to; an abandoned one leaves nothing', async () => {
      await table.put([item('a', 1, 'a')]);
      const first = await models.rebuild('shelf');
      await first.table.put([item('a', 2, 'first')]);
      const second = await models.rebuild('shelf');
      await second.table.put([item('a', 2, 'second')]);
      await expect(first.switch()).rejects.toThrow(expect.objectContaining({ code: 'ERR_REBUILD_ABANDONED' }));
      expect(await valuesOf(table)).toEqual(['a=a']);
      await second.switch();
      const third = await models.rebuild('shelf');
      await third.table.put([item('b', 1, 'third')]);
      await third.abandon();
      await expect(third.switch()).rejects.toThrow(expect.objectContaining({ code: 'ERR_REBUILD_ABANDONED' }));
      expect(await valuesOf(table)).toEqual(['a=second']);
    });

    it('a table that begins empty is filled by its makers, and shown to no reader before it is whole', async () => {
      const reader = under.as('usage-api').table('shelf');
      await table.put([item('old', 9, 'taken back')]);
      expect(await valuesOf(reader)).toEqual(['old=taken back']);
      await models.empty('shelf');
      await table.put([item('old', 2, 'again')]);
      expect(await valuesOf(table)).toEqual(['old=again']);
      const refused = { code: 'ERR_MODEL_UNAVAILABLE', retryable: true };
      await expect(valuesOf(reader)).rejects.toMatchObject(refused);
      await expect(reader.getMany([{ partition: 'p', sort: 'old' }])).rejects.toMatchObject(refused);
      await expect(all(reader.range('p', '', 'z'))).rejects.toMatchObject(refused);
      await models.whole('shelf');
      expect(await valuesOf(reader)).toEqual(['old=again']);
      expect(await models.sweep('shelf', () => false)).toBe(true);
      expect(await valuesOf(reader)).toEqual(['old=again']);
    });

    it('a rebuild beside a table that is being filled leaves it refused, until it is switched to', async () => {
      const reader = under.as('usage-api').table('shelf');
      await models.empty('shelf');
      const rebuild = await models.rebuild('shelf');
      await expect(valuesOf(reader)).rejects.toMatchObject({ code: 'ERR_MODEL_UNAVAILABLE' });
      await rebuild.table.put([item('a', 1, 'whole')]);
      await rebuild.switch();
      expect(await valuesOf(reader)).toEqual(['a=whole']);
    });

    it('R9.1-3: an owned item opens for access to its subject and day, and for nothing less', async () => {
      await table.put([owned('mine', 1, 'secret'), owned('theirs', 1, 'other', 'b-2')]);
      const [mine] = await table.getMany([{ partition: 'p', sort: 'mine' }], ACCESS);
      expect(mine?.value.toString()).toBe('secret');
      const sealed = expect.objectContaining({ code: 'ERR_SUBJECT_SEALED' });
      const window = { principal: 'project', purpose: 'projection', from: NOON, until: NOON + DAY_MS } as const;
      const earlier = grantSubjectAccess({ ...window, from: NOON - 40 * DAY_MS, until: NOON - 30 * DAY_MS }, ['a-1']);
      const foreign = grantSubjectAccess({ ...window, principal: 'billing' }, ['a-1']);
      for (const access of [undefined, earlier, foreign, { ...ACCESS }])
        await expect(table.getMany([{ partition: 'p', sort: 'mine' }], access)).rejects.toThrow(sealed);
      await expect(table.getMany([{ partition: 'p', sort: 'theirs' }], ACCESS)).rejects.toThrow(sealed);
      await expect(all(table.query('p', '', ACCESS))).rejects.toThrow(sealed);
      expect(await all(table.keys('p', ''))).toEqual(['mine', 'theirs'].map((sort) => ({ partition: 'p', sort })));
      expect((await all(table.query('p', 'mine', ACCESS))).map(({ value }) => value.toString())).toEqual(['secret']);
    });

    it('R9.1-3: erasing the key erases the items, for everybody, and others stay', async () => {
      await table.put([owned('mine', 1, 'secret'), owned('theirs', 1, 'other', 'b-2')]);
      await under.erase('a-1', '2026-11');
      const [mine] = await table.getMany([{ partition: 'p', sort: 'mine' }]);
      expect(mine).toEqual({
        partition: 'p',
        sort: 'mine',
        upTo: { stream: 'segment/1', version: 1 },
        value: Buffer.alloc(0),
        erased: true,
      });
      const both = grantSubjectAccess({ ...ACCESS }, ['a-1', 'b-2']);
      expect((await all(table.query('p', '', both))).map(({ value }) => value.toString())).toEqual(['', 'other']);
    });

    it('R9.1-3: what lies under a segment opens for a granted access of its day, and for its maker', async () => {
      await table.put([shared('page', 1, 'secret', await under.rowOf('1')), owned('mine', 1, 'mine')]);
      const page = { partition: 'p', sort: 'page' };
      const shown = async (access?: typeof ACCESS) => (await table.getMany([page], access))[0]?.value.toString();
      expect(await shown(ACCESS)).toBe('secret');
      const sealed = expect.objectContaining({ code: 'ERR_SUBJECT_SEALED' });
      const earlier = grantSubjectAccess({ ...ACCESS, from: NOON - 40 * DAY_MS, until: NOON - 30 * DAY_MS }, ['a-1']);
      const foreign = grantSubjectAccess({ ...ACCESS, principal: 'billing' }, ['a-1']);
      for (const access of [undefined, earlier, foreign, { ...ACCESS }]) await expect(shown(access)).rejects.toThrow(sealed);
      expect((await table.takeUp([page, { ...page, sort: 'none' }])).map((found) => found?.value.toString())).toEqual([
        'secret',
        undefined,
      ]);
      await expect(table.takeUp([{ ...page, sort: 'mine' }])).rejects.toThrow(sealed);
    });

    it('R9.1-3: what lies under a row of a segment is gone with that row, and cannot be written under it any more', async () => {
      const row = await under.rowOf('1');
      await table.put([shared('page', 1, 'secret', row), owned('mine', 1, 'mine')]);
      await under.eraseRow(row);
      const page = { partition: 'p', sort: 'page' };
      expect((await table.takeUp([page]))[0]).toMatchObject({ erased: true, value: Buffer.alloc(0) });
      await table.put([shared('page', 2, 'again', row)]);
      expect(await table.takeUp([page])).toEqual([undefined]);
      expect((await all(table.query('p', '', ACCESS))).map(({ sort }) => sort)).toEqual(['mine']);
    });

    it('R9.1-3: an item is sealed by a row of its own stream or not at all', async () => {
      const rows = ['segment/2/0000000000001', 'usage/a-1/2026-11/0000000000001', 'epoch/1', ''];
      for (const row of rows)
        await expect(table.put([shared('page', 1, 'x', row)])).rejects.toThrow(expect.objectContaining({ code: 'ERR_ITEM_OWNER' }));
      expect(await valuesOf(table)).toEqual([]);
    });

    it('ranges begin with the first key and end before the last', async () => {
      await table.put(['a', 'b', 'b/1', 'c', 'd'].map((sort) => item(sort, 1, sort)));
      expect((await all(table.range('p', 'b', 'd'))).map(({ sort }) => sort)).toEqual(['b', 'b/1', 'c']);
      expect(await all(table.range('p', 'd', 'a'))).toEqual([]);
    });

    it('versions are told of what is there and of what was removed, in order, without an access', async () => {
      await table.put([owned('b', 4, 'secret'), item('a', 3, 'one'), item('c', 2, 'two'), item('d', 1, 'three')]);
      await table.put([item('a', 5, undefined), item('x', 7, undefined)]);
      const told = (version: number) => ({ stream: 'segment/1', version });
      expect(await table.versions('p', 'a', 'd')).toEqual([told(5), told(4), told(2)]);
      expect(await table.versions('p', 'x', 'y')).toEqual([told(7)]);
      expect(await table.versions('p', 'e', 'f')).toEqual([]);
      expect(await table.versions('q', 'a', 'd')).toEqual([]);
    });

    it('what was put is there after the process has ended, and so is a switch', async () => {
      await table.put([item('a', 1, 'a'), owned('mine', 1, 'secret')]);
      const rebuild = await models.rebuild('shelf');
      await rebuild.table.put([item('a', 2, 'again'), owned('mine', 2, 'kept')]);
      await rebuild.switch();
      under = await under.reopen();
      const reopened = under.as('project').table('shelf');
      expect((await all(reopened.query('p', '', ACCESS))).map(({ value }) => value.toString())).toEqual(['again', 'kept']);
    });
  });
}
