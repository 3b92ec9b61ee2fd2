import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeyRow, KeyTable } from '../../platform/ports/key-table.ts';

export interface KeyTableUnderTest {
  /** As a principal that may do everything with rows of epochs. */
  readonly table: KeyTable;
  close(): Promise<void>;
}

const METER = '0011223344556677';

function row(epoch: number, fill = epoch): KeyRow {
  const id = `epoch/${METER}/${String(epoch).padStart(5, '0')}`;
  return { id, wrapped: Buffer.alloc(60, fill), wrappedBy: 'shard/7/0000000000001', createdAt: 1_700_000_000_000 + epoch };
}

/** What every implementation of `KeyTable` must do. */
export function keyTableContract(name: string, open: () => Promise<KeyTableUnderTest>): void {
  describe(`key table contract: ${name}`, () => {
    let under: KeyTableUnderTest;
    let table: KeyTable;

    beforeEach(async () => {
      under = await open();
      table = under.table;
    });
    afterEach(() => under.close());

    it('a row is read as it was put', async () => {
      const given = { ...row(1), destroyAt: 1_800_000_000_000 };
      expect(await table.putIfAbsent(given)).toEqual(given);
      expect(await table.get(given.id)).toEqual(given);
      expect(await table.putIfAbsent(row(2))).toEqual(row(2));
      expect(await table.get('epoch/none')).toBeUndefined();
    });

    it('the first writer of an id wins, and the second gets what it wrote', async () => {
      const answers = await Promise.all([table.putIfAbsent(row(1, 10)), table.putIfAbsent(row(1, 20))]);
      // Over a network the second may arrive first.
      const winner = answers[0]!.wrapped.equals(row(1, 10).wrapped) ? row(1, 10) : row(1, 20);
      expect(answers).toEqual([winner, winner]);
      expect(await table.putIfAbsent(row(1, 30))).toEqual(winner);
    });

    it('rows are listed by prefix in the order of their ids', async () => {
      for (const epoch of [10, 2, 300]) await table.putIfAbsent(row(epoch));
      await table.putIfAbsent({ ...row(1), id: 'epoch/ffffffffffffffff/00001' });
      expect((await table.list(`epoch/${METER}/`)).map(({ createdAt }) => createdAt - 1_700_000_000_000)).toEqual([2, 10, 300]);
      expect((await table.list('epoch/')).length).toBe(4);
      expect(await table.list('epoch/0000000000000000/')).toEqual([]);
    });

    it('a destroyed row is gone; destroying again is no error', async () => {
      await table.putIfAbsent(row(1));
      await table.putIfAbsent(row(2));
      await table.destroy(row(1).id);
      await table.destroy(row(1).id);
      expect(await table.get(row(1).id)).toBeUndefined();
      expect((await table.list(`epoch/${METER}/`)).length).toBe(1);
    });

    it('rows of 4 KB are kept', async () => {
      const large = { ...row(1), wrapped: Buffer.alloc(4096, 7) };
      await table.putIfAbsent(large);
      expect((await table.get(large.id))?.wrapped.equals(large.wrapped)).toBe(true);
    });
  });
}
