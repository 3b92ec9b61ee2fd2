import { describe, expect, it } from 'vitest';
import { openCommit } from '../../bin/proof/open-commits.ts';
import { emptyHead } from '../../platform/store/commit.ts';
import { OPENED } from '../subjects/given.ts';
import { commitOn, logOf, ROW_KEY } from './log-by-hand.ts';

const refused = (check: string, message: RegExp) => expect.objectContaining({ check, message: expect.stringMatching(message) });

describe('a commit of a proof', () => {
  it('R9.2-2, C10.1-7: opens by a key of its own, and by none that opens others of its row', async () => {
    const own = commitOn(emptyHead('usagepoint/up-1'), [OPENED]);
    const shared = commitOn(emptyHead('segment/00000'), [OPENED], 'stream-class/segment/1');
    const log = await logOf([own, shared]);
    expect(openCommit(log.open(own), log.head).events).toEqual([OPENED]);
    const byRow = { ...log.open(shared), key: ROW_KEY.export().toString('base64') };
    expect(() => openCommit(byRow, log.head)).toThrow(refused('key', /names no key of its own/));
  });

  it.each([0, 16, 31, 33])('R9.2-2: with a key of %i bytes is refused', async (length) => {
    const commit = commitOn(emptyHead('usagepoint/up-1'), [OPENED]);
    const log = await logOf([commit]);
    const key = Buffer.alloc(length, 7).toString('base64');
    expect(() => openCommit({ ...log.open(commit), key }, log.head)).toThrow(refused('key', /at version 0/));
  });

  it('R9.2-2: without an envelope is none of the log', async () => {
    const commit = commitOn(emptyHead('usagepoint/up-1'), [OPENED]);
    const log = await logOf([commit]);
    expect(() => openCommit({ ...log.open(commit), envelope: 'AAAA' }, log.head)).toThrow(refused('log', /no envelope/));
  });

  it.each([
    ['that look like others', 'usagepoint/home-1\u200b'],
    ['that move what is written', 'usagepoint/home-1\u001b[1A'],
    ['without a class', 'home-1'],
  ])('R9.2-2, C10.1-7: of a stream that no store would name so is none of the log: names %s', async (_what, stream) => {
    const commit = commitOn({ ...emptyHead('usagepoint/up-1'), stream }, [OPENED]);
    const log = await logOf([commit]);
    expect(() => openCommit(log.open(commit), log.head)).toThrow(refused('log', /name that no stream has/));
  });
});
