import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backupCommand, restoreCommand } from '../../bin/commands/backup.ts';
import { onRegister } from '../../bin/service/register-state.ts';
import { withState } from '../../bin/service/state.ts';
import { PENDING } from '../../lambdas/log/places.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { encodeEntry } from '../../protocol/log/entry.ts';
import { commitOf } from '../contract/support/events.ts';
import { LoggedState, logEverything } from './logged-state.ts';

const STREAM = 'segment/00001';
const HOUR = 3_600_000;
/** When the log was signed last: ahead of everybody who looks, as that of a town that was played into the evening. */
const AHEAD = Date.now() + 5 * HOUR;

let state: LoggedState;
beforeEach(async () => {
  state = new LoggedState();
  state.clock.set(AHEAD);
  await state.grow(2);
}, 60_000);
afterEach(() => state.discard());

async function record({ events }: Pick<Platform, 'events'>): Promise<void> {
  await events.append(await events.head(STREAM), commitOf('told late')).durable;
}

describe('C10.1-7: what a log whose clock is ahead has not given a place yet', () => {
  it.each([
    ['withState', () => withState(state.directory, ({ as }) => record(as('ingest')))],
    ['onRegister', () => onRegister(state.directory, (_, as) => record(as('ingest')))],
  ])('C10.1-7: what a command recorded waits for its place, and gets it: %s', async (_, command) => {
    await command();
    const waiting = await state.verify();
    expect(waiting.said).toEqual([
      '3 streams, 7 sound commits, 0 streams with a bad commit',
      expect.stringMatching(/^log of 6 entries .*; 1 younger commit waits for its place$/),
    ]);
    expect(waiting.isSound).toBe(true);
    await logEverything(await state.open(), state.clock);
    await state.close();
    expect((await state.verify()).said.at(-1)).toMatch(/^log of 7 entries .*; 0 younger commits wait for their place$/);
  });

  it('C10.1-7: what a command recorded before it failed waits as well', async () => {
    const failing = withState(state.directory, async ({ as }) => {
      await record(as('ingest'));
      throw new Error('as it is');
    });
    await expect(failing).rejects.toThrow('as it is');
    expect(await state.verify()).toMatchObject({ isSound: true });
  });

  it.each<[string, (hash: Buffer) => Buffer]>([
    ['nothing', () => Buffer.alloc(0)],
    ['another commit of its version', () => encodeEntry({ stream: STREAM, version: 3, hash: Buffer.alloc(32, 7) })],
    ['a later one of its stream', (hash) => encodeEntry({ stream: STREAM, version: 4, hash })],
    ['what is no entry', (hash) => Buffer.concat([Buffer.from('no entry'), hash])],
  ])('C10.1-7: a commit that was kept from the log is named, where %s waits', async (_, pending) => {
    state.clock.set(Date.now());
    const platform = await state.open();
    await record(platform.as('ingest'));
    const { hash } = await platform.as('ingest').events.head(STREAM);
    await platform.as('log').objects.put(`${PENDING}beside`, pending(hash));
    await state.close();
    const { isSound, said } = await state.verify();
    expect(said[0]).toBe(`${STREAM}  version 3  unlogged`);
    expect(isSound).toBe(false);
  });
});

it('C10.1-7: a restore signs for nothing that the log was not told: what the feed had not brought has its place', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  try {
    state.clock.set(Date.now() - HOUR);
    const platform = await state.open();
    await record(platform.as('ingest'));
    await state.close();
    const to = join(state.root, 'kept');
    await backupCommand().parseAsync(['--state', state.directory, '--to', to], { from: 'user' });
    await restoreCommand().parseAsync(['--from', to, '--state', state.directory], { from: 'user' });
  } finally {
    write.mockRestore();
  }
  const { isSound, said } = await state.verify();
  expect(said.at(-1)).toMatch(/^log of 7 entries .*; 0 younger commits wait for their place$/);
  expect(isSound).toBe(true);
}, 60_000);
