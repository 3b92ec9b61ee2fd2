import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inject } from 'vitest';
import { DynamoKeyTable } from '../../../platform/aws/dynamo/key-table.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { verifyStream } from '../../../platform/store/verify.ts';
import { eventStoreContract } from '../../contract/event-store.ts';
import { subjectStoreContract } from '../../contract/subject-store.ts';
import { discard, newState } from '../../contract/support/state.ts';
import { archivesOf, type DynamoState, storeOf, verifyOptionsOf } from './dynamo-state.ts';
import { createTable, localClient } from './tables.ts';

const WRITER = join(import.meta.dirname, '../../contract/support/crash-dynamo.ts');
const client = localClient(inject('dynamodbEndpoint'));

async function fresh(): Promise<DynamoState & { readonly keyTable: string }> {
  const [state, events, keyTable] = await Promise.all([newState(), createTable(client, 'events'), createTable(client, 'keys')]);
  const operations = new OperationCounts();
  return { client, events, keyTable, operations, keys: new DynamoKeyTable({ client, table: keyTable, operations }), state };
}

eventStoreContract('DynamoDB', async () => {
  const under = await fresh();
  const { state, events, keyTable } = under;
  return {
    store: storeOf(under, 'ingest'),
    other: storeOf(under, 'keys'),
    crashAfterPut: async (stream, name) => {
      const child = execFile(process.execPath, [WRITER, state.directory, inject('dynamodbEndpoint'), events, keyTable, stream, name]);
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      if (signal !== 'SIGKILL') throw new Error('the writer did not get that far');
    },
    close: async () => {
      state.close();
      discard(state.directory);
    },
  };
});

subjectStoreContract('DynamoDB', async () => {
  const under = await fresh();
  const { state, keys } = under;
  return {
    days: () => storeOf(under, 'close-day'),
    bills: () => storeOf(under, 'billing'),
    destroyKey: (row) => keys.destroy(row),
    isSound: async (stream) => (await verifyStream(archivesOf(under), stream, verifyOptionsOf(under))).bad === undefined,
    keyCalls: () => state.calls.length,
    close: async () => {
      state.close();
      discard(state.directory);
    },
  };
});
