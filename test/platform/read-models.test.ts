import { createSecretKey, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { ReadModelFile } from '../../platform/embedded/read-model-file.ts';
import { EmbeddedReadModels } from '../../platform/embedded/read-models.ts';
import { grantSubjectAccess } from '../../platform/ports/subject-grants.ts';
import { openValue, sealValue } from '../../platform/store/item-seal.ts';
import { keyClassOf, keyRowId } from '../../platform/store/key-class.ts';
import type { Keyring } from '../../platform/store/keyring.ts';
import { type ReadModelsUnderTest, readModelsContract } from '../contract/read-models.ts';
import { discard, filesWith, newState, openState, type TestState } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryModels } from '../support/memory-models.ts';

function underTest(state: TestState): ReadModelsUnderTest {
  const file = new ReadModelFile(join(state.directory, 'models.db'));
  const rings = new Map<string, Keyring>();
  const ring = (principal: string) => rings.get(principal) ?? rings.set(principal, state.keyring(principal)).get(principal)!;
  const close = () => {
    file.close();
    state.close();
  };
  return {
    as: (principal) => new EmbeddedReadModels({ file, principal, keyring: ring(principal), defences: defencesUnderTest() }),
    erase: async (subject, month) => {
      const archive = state.keys.as('archive');
      for (const { id } of await archive.list(`usage/${subject}/${month}/`)) {
        await archive.destroy(id);
        for (const keyring of rings.values()) keyring.forget(id);
      }
    },
    rowOf: async (segment) => {
      const keyring = ring('ingest');
      await keyring.load(`segment/${segment}`);
      return keyring.sealingKey(`segment/${segment}`).keyId;
    },
    eraseRow: async (row) => {
      await state.keys.as('maintenance').destroy(row);
      for (const keyring of rings.values()) keyring.forget(row);
    },
    reopen: async () => {
      close();
      return underTest(openState(state.directory, state.clock));
    },
    close: async () => {
      close();
      discard(state.directory);
    },
  };
}

readModelsContract('embedded', async () => underTest(await newState()));

readModelsContract('memory', async () => {
  const models = new MemoryModels();
  const under: ReadModelsUnderTest = {
    as: (principal) => models.as(principal),
    erase: async (subject, month) => models.erase(subject, month),
    rowOf: async (segment) => keyRowId(keyClassOf(`segment/${segment}`), 0),
    eraseRow: async (row) => models.eraseRow(row),
    reopen: async () => under,
    close: async () => {},
  };
  return under;
});

describe('the file of read models', () => {
  const access = grantSubjectAccess(
    { principal: 'project', purpose: 'projection', from: Date.UTC(2026, 10, 5), until: Date.UTC(2026, 10, 6) },
    ['a-1'],
  );
  const key = { partition: 'p', sort: 's' };
  const secret = Buffer.from('seventeen kilowatt hours');
  const written = { ...key, upTo: { stream: 'segment/1', version: 1 }, value: secret, owner: { subject: 'a-1', day: '2026-11-05' } };

  it('R9.1-3: holds nothing of what somebody owns in clear', async () => {
    const state = await newState();
    const under = underTest(state);
    await under.as('project').table('shelf').put([written]);
    expect(filesWith(state.directory, secret)).toEqual([]);
    await under
      .as('project')
      .table('open')
      .put([{ ...key, upTo: written.upTo, value: secret }]);
    expect(filesWith(state.directory, secret)).not.toEqual([]);
    await under.close();
  });

  it('R9.1-3: a value that was put in the place of another, changed, or stored in clear does not open', async () => {
    const state = await newState();
    const under = underTest(state);
    const tableOf = (name: string) => under.as('project').table(name);
    await tableOf('shelf').put([written, { ...written, sort: 't' }]);
    await tableOf('drawer').put([written]);
    const database = new DatabaseSync(join(state.directory, 'models.db'));
    database.exec('CREATE TEMP TABLE before AS SELECT * FROM items');
    const damaged = expect.objectContaining({ code: 'ERR_ITEM_DAMAGED' });
    for (const [name, change] of [
      ['shelf', `value = (SELECT value FROM before WHERE sort = 't')`],
      ['drawer', `value = (SELECT value FROM before WHERE name = 'shelf' AND sort = 's')`],
      ['shelf', 'value = zeroblob(12)'],
      ['shelf', 'value = zeroblob(60)'],
      ['shelf', 'version = 2'],
      ['shelf', `stream = 'segment/2'`],
      ['shelf', `key_id = '', value = x'00'`],
    ] as const) {
      database.exec(`UPDATE items SET ${change} WHERE name = '${name}' AND sort = 's'`);
      await expect(tableOf(name).getMany([key], access), change).rejects.toThrow(damaged);
      database.exec('REPLACE INTO items SELECT * FROM before');
      expect(
        (await tableOf(name).getMany([key], access)).map((item) => item?.value),
        change,
      ).toEqual([secret]);
    }
    database.close();
    await under.close();
  });

  it('R9.1-3: a value names the key that it lies under, so that two rows of one key can not be told to be each other', () => {
    const at = { table: 'shelf', ...written };
    const dataKey = { keyId: 'usage/a-1/2026-11/1', key: createSecretKey(randomBytes(32)) };
    const stored = sealValue(at, secret, dataKey);
    expect(openValue(at, stored, dataKey.key)).toEqual(secret);
    const another = () => openValue(at, { ...stored, keyId: 'usage/a-1/2026-11/2' }, dataKey.key);
    expect(another).toThrow(expect.objectContaining({ code: 'ERR_ITEM_DAMAGED' }));
  });
});
