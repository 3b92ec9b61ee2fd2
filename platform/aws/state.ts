import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { resourceName } from '../../topology/names.ts';
import type { TableSpec } from '../../topology/tables.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { KeyTable } from '../ports/key-table.ts';
import type { Kms } from '../ports/kms.ts';
import type { Clock, Directory, ObjectStore } from '../ports/platform.ts';
import type { ReadModels } from '../ports/read-models.ts';
import { Keyring } from '../store/keyring.ts';
import { DynamoDirectory } from './dynamo/directory.ts';
import { DynamoEventStore } from './dynamo/event-store.ts';
import { DynamoKeyTable } from './dynamo/key-table.ts';
import { DynamoReadModels } from './dynamo/read-models.ts';
import type { OperationCounts } from './operations.ts';

export interface StateParts {
  readonly client: DynamoDBClient;
  readonly stage: string;
  readonly principal: string;
  readonly kms: Kms;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly operations: OperationCounts;
}

/** What lies in tables. */
export interface State {
  readonly events: EventStore;
  readonly keys: KeyTable;
  readonly models: ReadModels;
  readonly directory: Directory;
}

/** The adapters of DynamoDB on the tables of a stage, as one principal. */
export function openState({ client, stage, principal, kms, objects, clock, operations }: StateParts): State {
  const on = (name: TableSpec['name']) => ({ client, table: resourceName(stage, name), operations });
  const table = new DynamoKeyTable(on('keys'));
  const keyring = new Keyring({ keys: table, kms, clock });
  return {
    events: new DynamoEventStore({ ...on('events'), principal, keyring, kms, objects, clock }),
    keys: forgetting(table, keyring),
    models: new DynamoReadModels({ ...on('models'), principal, keyring }),
    directory: new DynamoDirectory(on('directory')),
  };
}

/** What is destroyed here is out of this process's memory at once; elsewhere it is when its life there ends. */
function forgetting(table: DynamoKeyTable, keyring: Keyring): KeyTable {
  return {
    get: (id) => table.get(id),
    putIfAbsent: (row) => table.putIfAbsent(row),
    list: (prefix) => table.list(prefix),
    destroyed: (prefix) => table.destroyed(prefix),
    endsByItself: (prefix) => table.endsByItself(prefix),
    destroy: async (id) => {
      await table.destroy(id);
      keyring.forget(id);
    },
  };
}
