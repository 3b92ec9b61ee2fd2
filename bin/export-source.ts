import type { LaneSlots, Window } from '../exchange/slots.ts';
import type { BodyReader } from '../lambdas/shared/checkpoints.ts';
import { keptSegment } from '../lambdas/shared/kept-commits.ts';
import { TelemetryLanes } from './telemetry-lanes.ts';

/** Whose readings: a meter's, a usage point's, or everybody's. */
export interface Selection {
  readonly meter?: string;
  readonly point?: string;
}

/** Where exports get their slots: lanes by usage point, meter and channel, each with the slots of the window that are known. */
export interface ExportSource {
  lanes(window: Window, of: Selection): Iterable<LaneSlots>;
}

/** Readings as the segment streams hold them: measured or absent, no day closed yet. */
export async function telemetrySource(reader: BodyReader): Promise<ExportSource> {
  const { events } = reader;
  const lanes = new TelemetryLanes();
  for await (const stream of events.streams('segment/')) {
    lanes.beginStream();
    const { from, joined } = await keptSegment(reader, stream.slice('segment/'.length));
    for (const event of joined) lanes.add(event);
    for await (const commit of events.read(stream, from)) for (const event of commit.events) lanes.add(event);
  }
  for await (const stream of events.streams('usagepoint/')) {
    const point = stream.slice('usagepoint/'.length);
    for await (const commit of events.read(stream)) for (const event of commit.events) lanes.addInstallation(point, event);
  }
  return lanes;
}
