/** A writer that dies: `crash-dynamo.ts <state directory> <endpoint> <events table> <keys table> <stream> <name>` appends and kills itself when it is durable. */
import { DynamoKeyTable } from '../../../platform/aws/dynamo/key-table.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { storeOf } from '../../aws/dynamo/dynamo-state.ts';
import { localClient } from '../../aws/dynamo/tables.ts';
import { commitOf } from './events.ts';
import { openState } from './state.ts';

const [directory = '', endpoint = '', events = '', keyTable = '', stream = '', name = ''] = process.argv.slice(2);
const client = localClient(endpoint);
const operations = new OperationCounts();
const keys = new DynamoKeyTable({ client, table: keyTable, operations });
const store = storeOf({ client, events, operations, keys, state: openState(directory) }, 'ingest');
await store.append(await store.head(stream), commitOf(name)).durable;
process.kill(process.pid, 'SIGKILL');
