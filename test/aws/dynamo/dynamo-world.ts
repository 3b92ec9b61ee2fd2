import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDirectory } from '../../../platform/aws/dynamo/directory.ts';
import { DynamoEventStore } from '../../../platform/aws/dynamo/event-store.ts';
import { DynamoKeyTable } from '../../../platform/aws/dynamo/key-table.ts';
import { DynamoReadModels } from '../../../platform/aws/dynamo/read-models.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { Keyring } from '../../../platform/store/keyring.ts';
import type { TableSpec } from '../../../topology/tables.ts';
import { FIRST, RetentionWorld } from '../../retention/retention-world.ts';
import { defencesUnderTest } from '../../support/defences.ts';
import { HOME } from '../../support/sealed-town.ts';
import { createTable, localClient } from './tables.ts';

type Tables = Readonly<Record<TableSpec['name'], string>>;

/** Two homes whose streams, keys, read models and directory lie on DynamoDB, and everything else on the embedded platform. */
export class DynamoWorld extends RetentionWorld {
  readonly operations = new OperationCounts();
  readonly client: DynamoDBClient;
  readonly tables: Tables;
  readonly #platforms = new Map<string, Platform>();

  private constructor(client: DynamoDBClient, tables: Tables) {
    super();
    this.client = client;
    this.tables = tables;
  }

  static async on(endpoint: string, homes = 2): Promise<DynamoWorld> {
    const client = localClient(endpoint);
    const [events, keys, models, directory] = await Promise.all([
      createTable(client, 'events'),
      createTable(client, 'keys'),
      createTable(client, 'models'),
      createTable(client, 'directory'),
    ]);
    const made = new DynamoWorld(client, { events, keys, models, directory });
    await made.open();
    for (let n = 0; n < homes; n++) made.homes.push(await made.closing.enrol({ firstDay: FIRST, asset: HOME, longest: 96, days: 80 }));
    return made;
  }

  override async open(): Promise<void> {
    this.#platforms.clear();
    await super.open();
  }

  override as(principal: string): Platform {
    const known = this.#platforms.get(principal) ?? this.#platformOf(principal);
    this.#platforms.set(principal, known);
    return known;
  }

  override async close(): Promise<void> {
    this.client.destroy();
    await super.close();
  }

  #platformOf(principal: string): Platform {
    const { client, operations, clock } = this;
    const { events, keys: keyTable, models, directory } = this.tables;
    const defences = defencesUnderTest();
    const embedded = this.platform.as(principal);
    const { kms, objects } = embedded;
    const keys = new DynamoKeyTable({ client, table: keyTable, operations });
    const keyring = new Keyring({ keys, kms, clock });
    keys.watch((row) => keyring.forget(row));
    return {
      ...embedded,
      keys,
      events: new DynamoEventStore({ client, table: events, operations, principal, keyring, kms, objects, clock, defences }),
      models: new DynamoReadModels({ client, table: models, operations, principal, keyring, defences }),
      directory: new DynamoDirectory({ client, table: directory, operations }),
    };
  }
}
