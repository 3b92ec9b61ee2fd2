import { type EventStoreParts, SealedEventStore } from '../store/event-store.ts';
import type { EventDatabase } from './event-database.ts';

/** The event store on SQLite, as one principal. Several share one `EventDatabase`. */
export class EmbeddedEventStore extends SealedEventStore {
  constructor({ database, ...parts }: EventStoreParts & { readonly database: EventDatabase }) {
    super(database, parts);
  }
}
