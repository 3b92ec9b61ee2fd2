import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeyDatabase } from '../../platform/embedded/key-table.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';

describe('destroyed rows', () => {
  it('rows that were destroyed are told by prefix to whoever may list them, those of epochs are not remembered', async () => {
    const directory = temporaryDirectory();
    const keys = new KeyDatabase(join(directory, 'keys.db'), defencesUnderTest());
    const row = { wrapped: Buffer.alloc(60), wrappedBy: 'subject-kek', createdAt: 1 };
    const archive = keys.as('archive');
    const ids = [
      'usage/a/2026-01/0000000000002',
      'usage/a/2026-01/0000000000001',
      'usage/a/2026-02/0000000000001',
      'usage/ab/2026-01/0000000000001',
    ];
    for (const id of ids) await archive.putIfAbsent({ ...row, id });
    for (const id of [ids[0]!, ids[1]!, ids[3]!, 'usage/a/2025-01/0000000000001']) await archive.destroy(id);
    expect(await keys.as('project').destroyed('usage/a/')).toEqual([ids[1], ids[0]]);
    await keys.as('keys').putIfAbsent({ ...row, id: 'epoch/1/00001' });
    await keys.as('keys').destroy('epoch/1/00001');
    expect(await keys.as('keys').destroyed('epoch/')).toEqual([]);
    await expect(keys.as('ingest').destroyed('usage/a/')).rejects.toThrow(expect.objectContaining({ code: 'ERR_KEY_TABLE_ACCESS_DENIED' }));
    keys.close();
    discard(directory);
  });
});
