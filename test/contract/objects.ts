import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../platform/ports/platform.ts';
import type { ManualClock } from '../support/memory-platform.ts';

export interface ObjectsUnderTest {
  readonly objects: ObjectStore;
  /** By which the store says how old an object is. */
  readonly clock: { now(): number };
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

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

    it('knows how old its objects are', async () => {
      for (const key of ['a/2', 'a/1', 'a/3', 'b/1', 'a/0']) await objects.put(key, Buffer.from(key));
      const now = under.clock.now();
      expect(await objects.olderThan('a/', now - DAY_MS)).toEqual([]);
      expect(await objects.olderThan('a/', now + DAY_MS)).toEqual(['a/0', 'a/1', 'a/2', 'a/3']);
      await objects.delete('a/2');
      expect(await objects.olderThan('a/', now + DAY_MS)).toEqual(['a/0', 'a/1', 'a/3']);
      expect(await objects.olderThan('none/', now + DAY_MS)).toEqual([]);
      await expect(objects.olderThan('../', now)).rejects.toMatchObject({ code: 'ERR_OBJECT_KEY' });
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

/** The same where the store's clock can be set. */
export function objectAgeContract(name: string, open: () => Promise<ObjectsUnderTest & { readonly clock: ManualClock }>): void {
  it(`object store contract: ${name}: an object is as old as its last put, to the second`, async () => {
    const { objects, clock, close } = await open();
    const first = clock.now();
    await objects.put('q/old', Buffer.from('1'));
    await objects.put('q/again', Buffer.from('1'));
    clock.advance(40 * DAY_MS);
    await objects.put('q/again', Buffer.from('2'));
    await objects.put('q/new', Buffer.from('3'));
    expect(await objects.olderThan('q/', first)).toEqual([]);
    expect(await objects.olderThan('q/', first + 1_000)).toEqual(['q/old']);
    expect(await objects.olderThan('q/', clock.now())).toEqual(['q/old']);
    expect(await objects.olderThan('q/', clock.now() + 1_000)).toEqual(['q/again', 'q/new', 'q/old']);
    await close();
  });
}
