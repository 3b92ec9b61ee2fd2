import { describe, expect, inject, it } from 'vitest';
import { DynamoKeyTable } from '../../../platform/aws/dynamo/key-table.ts';
import { DynamoReadModels } from '../../../platform/aws/dynamo/read-models.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { Keyring } from '../../../platform/store/keyring.ts';
import { type ReadModelsUnderTest, readModelsContract } from '../../contract/read-models.ts';
import { discard, newState, openState, type TestState } from '../../contract/support/state.ts';
import { defencesUnderTest } from '../../support/defences.ts';
import { allRows, createTable, localClient } from './tables.ts';

const client = localClient(inject('dynamodbEndpoint'));

function underTest(state: TestState, models: string, keyTable: string): ReadModelsUnderTest {
  const operations = new OperationCounts();
  const keys = new DynamoKeyTable({ client, table: keyTable, operations });
  const rings = new Map<string, Keyring>();
  const ring = (principal: string) => {
    const known = rings.get(principal) ?? new Keyring({ keys, kms: state.kms.as(principal), clock: state.clock });
    rings.set(principal, known);
    return known;
  };
  keys.watch((row) => {
    for (const keyring of rings.values()) keyring.forget(row);
  });
  return {
    as: (principal) =>
      new DynamoReadModels({ client, table: models, operations, principal, keyring: ring(principal), defences: defencesUnderTest() }),
    erase: async (subject, month) => {
      for (const { id } of await keys.list(`usage/${subject}/${month}/`)) await keys.destroy(id);
    },
    rowOf: async (segment) => {
      const keyring = ring('ingest');
      await keyring.load(`segment/${segment}`);
      return keyring.sealingKey(`segment/${segment}`).keyId;
    },
    eraseRow: (row) => keys.destroy(row),
    reopen: async () => {
      state.close();
      return underTest(openState(state.directory, state.clock), models, keyTable);
    },
    close: async () => {
      state.close();
      discard(state.directory);
    },
  };
}

readModelsContract('DynamoDB', async () =>
  underTest(await newState(), await createTable(client, 'models'), await createTable(client, 'keys')),
);

describe('read models on DynamoDB', () => {
  const put = (sort: string, version: number) => ({
    partition: 'p',
    sort,
    upTo: { stream: 'segment/1', version },
    value: Buffer.from(sort),
  });

  it('a switch, and a rebuild that another has overtaken, leave nothing of other generations behind', async () => {
    const name = await createTable(client, 'models');
    const under = underTest(await newState(), name, await createTable(client, 'keys'));
    const models = under.as('project');
    await models.table('shelf').put(Array.from({ length: 120 }, (_, i) => put(`old ${i}`, 1)));
    await models.table('shelf-2').put([put('another table', 1)]);
    const first = await models.rebuild('shelf');
    await first.table.put([put('abandoned', 1)]);
    const second = await models.rebuild('shelf');
    await second.table.put([put('new', 2)]);
    expect((await allRows(client, name)).length).toBe(120 + 3);
    await second.switch();
    expect((await allRows(client, name)).map(({ pk, sk }) => `${pk!.S}${sk!.S}`).sort()).toEqual([
      'shelf#2#p/new',
      'shelf-2#0#p/another table',
      '~generationsshelf',
    ]);
    await under.close();
  });

  it('whoever had another generation in mind is told of the switch with the items', async () => {
    const name = await createTable(client, 'models');
    const under = underTest(await newState(), name, await createTable(client, 'keys'));
    const [one, other] = [under.as('project'), under.as('project')];
    await one.table('shelf').put([put('a', 1), put('b', 1)]);
    const sees = async () =>
      (await one.table('shelf').getMany(['a', 'b'].map((sort) => ({ partition: 'p', sort })))).map((item) => item?.upTo.version);
    expect(await sees()).toEqual([1, 1]);
    const rebuild = await other.rebuild('shelf');
    await rebuild.table.put([put('b', 2)]);
    await rebuild.switch();
    expect(await sees()).toEqual([undefined, 2]);
    await under.close();
  });
});
