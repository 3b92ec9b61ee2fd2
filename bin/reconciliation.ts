import { ReadingsFold } from '../domain/telemetry/readings.ts';
import { type Tally, TallyFold } from '../domain/telemetry/tally.ts';
import type { EventStore } from '../platform/ports/event-store.ts';

/** What the MDMS recorded, from its streams alone. */
export interface Recorded extends Tally {
  readonly readings: number;
  /** Sum over slots, never over frames. */
  readonly storedWh: number;
  /** Commits that hold frames or refusals. */
  readonly commits: number;
  readonly fold: ReadingsFold;
}

/** Reads every segment and relay stream from its beginning. */
export async function recorded(events: EventStore): Promise<Recorded> {
  const tally = new TallyFold();
  const fold = new ReadingsFold();
  let commits = 0;
  for (const prefix of ['segment/', 'relay/']) {
    for await (const stream of events.streams(prefix)) {
      fold.beginStream();
      for await (const commit of events.read(stream)) {
        let ofBatch = false;
        for (const event of commit.events) {
          tally.add(event);
          fold.add(event);
          ofBatch ||= 'batch' in event.data;
        }
        if (ofBatch) commits++;
      }
    }
  }
  const { readings, energyWh } = fold.totals();
  return { ...tally.result(), readings, storedWh: energyWh, commits, fold };
}
