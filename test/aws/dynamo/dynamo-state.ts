import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoCommits } from '../../../platform/aws/dynamo/commits.ts';
import { DynamoEventStore } from '../../../platform/aws/dynamo/event-store.ts';
import { DynamoKeyTable } from '../../../platform/aws/dynamo/key-table.ts';
import { DynamoTable } from '../../../platform/aws/dynamo/table.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import type { KeyTable } from '../../../platform/ports/key-table.ts';
import { Archives } from '../../../platform/store/archives.ts';
import { Keyring } from '../../../platform/store/keyring.ts';
import { isSigned, type StoredAnchor } from '../../../platform/store/trim-record.ts';
import { discard, newState, type TestState } from '../../contract/support/state.ts';
import { defencesUnderTest } from '../../support/defences.ts';
import { createTable, localClient } from './tables.ts';

export interface DynamoState {
  readonly client: DynamoDBClient;
  /** Names of tables. */
  readonly events: string;
  readonly operations: OperationCounts;
  readonly keys: KeyTable & { wasDestroyed(id: string): Promise<boolean> };
  /** Where keys of the key service and objects lie. */
  readonly state: TestState;
}

export interface FreshState extends DynamoState {
  readonly keyTable: string;
  close(): Promise<void>;
}

/** Tables that nobody else uses, on the server of the run. */
export async function freshState(endpoint: string): Promise<FreshState> {
  const client = localClient(endpoint);
  const [state, events, keyTable] = await Promise.all([newState(), createTable(client, 'events'), createTable(client, 'keys')]);
  const operations = new OperationCounts();
  const keys = new DynamoKeyTable({ client, table: keyTable, operations });
  const close = async () => {
    client.destroy();
    state.close();
    discard(state.directory);
  };
  return { client, events, keyTable, operations, keys, state, close };
}

/** A store with nothing in memory, as one principal. */
export function storeOf({ client, events, operations, keys, state }: DynamoState, principal: string): DynamoEventStore {
  const { clock, objects } = state;
  const kms = state.kms.as(principal);
  const keyring = new Keyring({ keys, kms, clock });
  return new DynamoEventStore({
    client,
    table: events,
    operations,
    principal,
    keyring,
    kms,
    objects,
    clock,
    defences: defencesUnderTest(),
  });
}

/** What the verifier walks. */
export function archivesOf({ client, events, operations, state }: DynamoState): Archives {
  const table = new DynamoTable({ client, table: events, operations });
  return new Archives({ hot: new DynamoCommits(table, state.kms.as('auditor'), state.objects, state.clock), objects: state.objects });
}

/** What the verifier needs to judge as the auditor. */
export function verifyOptionsOf({ keys, state }: DynamoState) {
  const kms = state.kms.as('auditor');
  const keyring = new Keyring({ keys, kms, clock: state.clock });
  return {
    keyOf: (keyId: string) => keyring.openingKey(keyId),
    wasDestroyed: (keyId: string) => keys.wasDestroyed(keyId),
    isSigned: (anchor: StoredAnchor) => isSigned(kms, anchor),
    sealed: true,
  };
}
