import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inject } from 'vitest';
import { verifyStream } from '../../../platform/store/verify.ts';
import { eventStoreContract } from '../../contract/event-store.ts';
import { subjectStoreContract } from '../../contract/subject-store.ts';
import { archivesOf, freshState, storeOf, verifyOptionsOf } from './dynamo-state.ts';

const WRITER = join(import.meta.dirname, '../../contract/support/crash-dynamo.ts');
const endpoint = inject('dynamodbEndpoint');

eventStoreContract('DynamoDB', async () => {
  const under = await freshState(endpoint);
  const { state, events, keyTable } = under;
  return {
    store: storeOf(under, 'ingest'),
    other: storeOf(under, 'keys'),
    crashAfterPut: async (stream, name) => {
      const child = execFile(process.execPath, [WRITER, state.directory, endpoint, events, keyTable, stream, name]);
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      if (signal !== 'SIGKILL') throw new Error('the writer did not get that far');
    },
    close: under.close,
  };
});

subjectStoreContract('DynamoDB', async () => {
  const under = await freshState(endpoint);
  const { state, keys } = under;
  return {
    days: () => storeOf(under, 'close-day'),
    bills: () => storeOf(under, 'billing'),
    destroyKey: (row) => keys.destroy(row),
    isSound: async (stream) => (await verifyStream(archivesOf(under), stream, verifyOptionsOf(under))).bad === undefined,
    keyCalls: () => state.calls.length,
    close: under.close,
  };
});
