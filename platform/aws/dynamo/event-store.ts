import { ALL_DEFENCES, type Defences } from '../../../topology/defences.ts';
import { type EventStoreParts, SealedEventStore } from '../../store/event-store.ts';
import { DynamoCommits } from './commits.ts';
import { DynamoTable, type TableParts } from './table.ts';

export interface DynamoEventStoreParts extends TableParts, Omit<EventStoreParts, 'defences'> {
  /** Tests only. */
  readonly defences?: Defences;
}

/** The event store on the event table of topology/tables.ts, as one principal; IAM says what that one may. */
export class DynamoEventStore extends SealedEventStore {
  constructor(parts: DynamoEventStoreParts) {
    const { defences = ALL_DEFENCES, kms, objects, clock } = parts;
    super(new DynamoCommits(new DynamoTable(parts), kms, objects, clock), { ...parts, defences });
  }
}
