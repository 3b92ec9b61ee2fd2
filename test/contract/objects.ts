import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../platform/ports/platform.ts';

export interface ObjectsUnderTest {
  readonly objects: ObjectStore;
  close(): Promise<void>;
}

const HOSTILE_KEYS = [
  '',
  '/etc/passwd',
  '../x',
  'a/../../x',
  'a/..',
  './a',
  'a//b',
  'a/',
  'a\\..\\b',
  'a\0b',
  'a/.hidden',
  '.tmp/x',
  'ü',
  'a b',
  'x'.repeat(600),
  `a/${'x'.repeat(250)}`,
];

/** What every implementation of `ObjectStore` must do. */
export function objectStoreContract(name: string, open: () => Promise<ObjectsUnderTest>): void {
  describe(`object store contract: ${name}`, () => {
    let under: ObjectsUnderTest;
    let objects: ObjectStore;

    beforeEach(async () => {
      under = await open();
      objects = under.objects;
    });
    afterEach(() => under.close());

    it('an object is read as it was put, and the last one put counts', async () => {
      expect(await objects.get('a/b')).toBeUndefined();
      await objects.put('a/b', Buffer.from('one'));
      await objects.put('a/b', Buffer.from('two'));
      await objects.put('empty', Buffer.alloc(0));
      expect(await objects.get('a/b')).toEqual(Buffer.from('two'));
      expect(await objects.get('empty')).toEqual(Buffer.alloc(0));
      expect(await objects.get('a')).toBeUndefined();
      expect(await objects.get('a/b/c')).toBeUndefined();
    });

    it('keys are listed by prefix, in order', async () => {
      for (const key of ['b/2', 'a/10', 'a/1/x', 'a/1', 'ab'].filter((key) => key !== 'a/1')) await objects.put(key, Buffer.from(key));
      expect(await objects.list('a')).toEqual(['a/1/x', 'a/10', 'ab']);
      expect(await objects.list('a/1')).toEqual(['a/1/x', 'a/10']);
      expect(await objects.list('')).toEqual(['a/1/x', 'a/10', 'ab', 'b/2']);
      expect(await objects.list('none/')).toEqual([]);
    });

    it('a deleted object is gone; deleting again is no error', async () => {
      await objects.put('a/b', Buffer.from('x'));
      await objects.delete('a/b');
      await objects.delete('a/b');
      await objects.delete('never/there');
      expect(await objects.get('a/b')).toBeUndefined();
      expect(await objects.list('')).toEqual([]);
    });

    it('puts of one key at a time leave one of them, whole', async () => {
      const given = Array.from({ length: 20 }, (_, index) => Buffer.alloc(50_000, index));
      await Promise.all(given.map((body) => objects.put('same', body)));
      const found = await objects.get('same');
      expect(given.some((body) => found!.equals(body))).toBe(true);
    });

    it.each(HOSTILE_KEYS)('the key %j is refused everywhere', async (key) => {
      const refusal = { code: 'ERR_OBJECT_KEY' };
      await expect(objects.put(key, Buffer.alloc(1))).rejects.toMatchObject(refusal);
      await expect(objects.get(key)).rejects.toMatchObject(refusal);
      await expect(objects.delete(key)).rejects.toMatchObject(refusal);
    });

    it('a prefix does not lead out of the folder', async () => {
      await expect(objects.list('../')).rejects.toMatchObject({ code: 'ERR_OBJECT_KEY' });
      expect(await objects.list('..')).toEqual([]);
    });
  });
}
