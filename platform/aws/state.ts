import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { JoulekeepError } from '../../events/errors.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { KeyTable } from '../ports/key-table.ts';
import type { Kms } from '../ports/kms.ts';
import type { Clock, Directory, ObjectStore } from '../ports/platform.ts';
import type { ReadModels } from '../ports/read-models.ts';
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

/** @throws ERR_STATE_MISSING until the adapters of platform/aws/dynamo are here */
export function openState(_parts: StateParts): State {
  throw new JoulekeepError('ERR_STATE_MISSING', 'the adapters of DynamoDB are not part of this build');
}
