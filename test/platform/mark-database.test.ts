import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyDatabase } from '../../platform/embedded/key-table.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';

const mark = (id: string) => ({ id: `token/proof/${id}`, wrapped: randomBytes(16), wrappedBy: 'nobody', createdAt: 1, destroyAt: 2 });

describe('marks of what was used', () => {
  let directory: string;
  let keys: KeyDatabase;
  beforeEach(() => {
    directory = temporaryDirectory();
    keys = new KeyDatabase(join(directory, 'keys.db'), defencesUnderTest());
  });
  afterEach(() => {
    keys.close();
    discard(directory);
  });

  it('R9.2-3: a proof that was used is used for whoever opens the file next', async () => {
    const first = mark('a');
    expect((await keys.as('session').putIfAbsent(first)).wrapped).toEqual(first.wrapped);
    keys.close();
    keys = new KeyDatabase(join(directory, 'keys.db'), defencesUnderTest());
    expect((await keys.as('session').putIfAbsent(mark('a'))).wrapped).toEqual(first.wrapped);
  });

  it('lie in a file of their own, and are listed and destroyed with the other tokens', async () => {
    const session = { ...mark('unused'), id: 'token/session/s' };
    await keys.as('session').putIfAbsent(session);
    for (const id of ['b', 'a']) await keys.as('session').putIfAbsent(mark(id));
    const ids = async (prefix = 'token/') => (await keys.as('maintenance').list(prefix)).map(({ id }) => id);
    expect(await ids()).toEqual(['token/proof/a', 'token/proof/b', 'token/session/s']);
    expect(await ids('token/proof/b')).toEqual(['token/proof/b']);
    expect(await ids('token/session/')).toEqual(['token/session/s']);
    expect(readFileSync(join(directory, 'keys.db-wal')).includes('token/proof/')).toBe(false);
    await keys.as('maintenance').destroy('token/proof/a');
    expect(await ids()).toEqual(['token/proof/b', 'token/session/s']);
    expect(await keys.as('session').get('token/proof/b')).toMatchObject({ createdAt: 1, destroyAt: 2 });
  });
});
