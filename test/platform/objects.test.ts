import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EmbeddedDirectory } from '../../platform/embedded/directory.ts';
import { EmbeddedObjects } from '../../platform/embedded/objects.ts';
import { directoryContract } from '../contract/directory.ts';
import { objectAgeContract, objectStoreContract } from '../contract/objects.ts';
import { all } from '../contract/support/events.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ManualClock, MemoryObjects } from '../support/memory-platform.ts';

const clockOf = () => new ManualClock(Date.UTC(2026, 0, 15, 10));

const embedded = async () => {
  const directory = temporaryDirectory();
  const clock = clockOf();
  return { objects: new EmbeddedObjects(join(directory, 'objects'), clock), clock, close: async () => discard(directory) };
};
objectStoreContract('embedded', embedded);
objectAgeContract('embedded', embedded);

const inMemory = async () => {
  const clock = clockOf();
  return { objects: new MemoryObjects(clock), clock, close: async () => {} };
};
objectStoreContract('in memory', inMemory);
objectAgeContract('in memory', inMemory);

directoryContract('embedded', async () => {
  const folder = temporaryDirectory();
  const directory = new EmbeddedDirectory(join(folder, 'directory.db'));
  return {
    directory,
    close: async () => {
      directory.close();
      discard(folder);
    },
  };
});

it('hostile keys leave nothing outside the folder, and puts leave nothing unfinished in it', async () => {
  const directory = temporaryDirectory();
  const objects = new EmbeddedObjects(join(directory, 'objects'), clockOf());
  await objects.put('a/b', Buffer.from('x'));
  await objects.put('../escaped', Buffer.from('x')).catch(() => undefined);
  expect(existsSync(join(directory, 'escaped'))).toBe(false);
  expect(readdirSync(join(directory, 'objects', '.tmp'))).toEqual([]);
  discard(directory);
});

it('a directory keeps its entries when it is opened again', async () => {
  const folder = temporaryDirectory();
  const path = join(folder, 'directory.db');
  const first = new EmbeddedDirectory(path);
  await first.put([{ key: 'a', value: Buffer.from('1') }]);
  first.close();
  const second = new EmbeddedDirectory(path);
  expect(await all(second.list(''))).toEqual([{ key: 'a', value: Buffer.from('1') }]);
  second.close();
  discard(folder);
});
