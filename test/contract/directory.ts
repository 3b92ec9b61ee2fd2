import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../platform/ports/platform.ts';
import { all } from './support/events.ts';

export interface DirectoryUnderTest {
  readonly directory: Directory;
  close(): Promise<void>;
}

/** What every implementation of `Directory` must do. */
export function directoryContract(name: string, open: () => Promise<DirectoryUnderTest>): void {
  describe(`directory contract: ${name}`, () => {
    let under: DirectoryUnderTest;
    let directory: Directory;

    beforeEach(async () => {
      under = await open();
      directory = under.directory;
    });
    afterEach(() => under.close());

    it('the last value put under a key is the value', async () => {
      await directory.put([
        { key: 'a', value: Buffer.from('1') },
        { key: 'b', value: Buffer.alloc(0) },
      ]);
      await directory.put([{ key: 'a', value: Buffer.from('2') }]);
      expect(await directory.get('a')).toEqual(Buffer.from('2'));
      expect(await directory.get('c')).toBeUndefined();
      expect(await directory.getMany(['b', 'c', 'a'])).toEqual([Buffer.alloc(0), undefined, Buffer.from('2')]);
    });

    it('lists by prefix in key order, over more than one page', async () => {
      const keys = Array.from({ length: 1200 }, (_, index) => `route/${String(index).padStart(5, '0')}`);
      await directory.put(keys.toReversed().map((key) => ({ key, value: Buffer.from(key) })));
      await directory.put([
        { key: 'rout', value: Buffer.from('x') },
        { key: 'route0', value: Buffer.from('x') },
      ]);
      const found = await all(directory.list('route/'));
      expect(found.map(({ key }) => key)).toEqual(keys);
      expect(found[7]!.value).toEqual(Buffer.from(keys[7]!));
      expect(await all(directory.list('zzz'))).toEqual([]);
    });
  });
}
