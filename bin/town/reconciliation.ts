import { ReadingsFold } from '../../domain/telemetry/readings.ts';
import { type Tally, TallyFold } from '../../domain/telemetry/tally.ts';
import type { BodyReader } from '../../lambdas/shared/retained/checkpoints.ts';
import { type KeptSegment, keptFrom, keptSegment } from '../../lambdas/shared/retained/kept-commits.ts';

/** What the MDMS recorded, from its streams alone. */
export interface Recorded extends Tally {
  readonly readings: number;
  /** Sum over slots, never over frames. */
  readonly storedWh: number;
  /** Commits that hold frames or refusals. */
  readonly commits: number;
  readonly fold: ReadingsFold;
}

/** Reads every segment and relay stream from the beginning of what is kept. */
export async function recorded(reader: BodyReader): Promise<Recorded> {
  const tally = new TallyFold();
  const fold = new ReadingsFold();
  const { events } = reader;
  let commits = 0;
  for (const prefix of ['segment/', 'relay/']) {
    for await (const stream of events.streams(prefix)) {
      fold.beginStream(stream.slice(prefix.length));
      const { from, joined } = await keptOf(reader, stream);
      for (const event of joined) fold.add(event);
      for await (const commit of events.read(stream, from)) {
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

async function keptOf(reader: BodyReader, stream: string): Promise<KeptSegment> {
  if (stream.startsWith('segment/')) return await keptSegment(reader, stream.slice('segment/'.length));
  return { stream, from: await keptFrom(reader.events, stream), joined: [] };
}
