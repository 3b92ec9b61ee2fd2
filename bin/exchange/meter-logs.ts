import { recordedFrames, recordedMeterId } from '../../domain/telemetry/opened-frame.ts';
import { type DomainEvent, RECORD_BYTES, RECORD_KIND } from '../../events/index.ts';
import { LOG_HEADER, logLine, type MeterLogEntry, QUALITY_HEADER, type QualityEntry, qualityLine } from '../../exchange/csv/logs.ts';
import type { Window } from '../../exchange/slots.ts';
import { keptFrom } from '../../lambdas/shared/retained/kept-commits.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import { decodePlaintext, EVENT_CODE } from '../../protocol/plaintext.ts';

const EVENT_NAMES = new Map<number, string>(Object.entries(EVENT_CODE).map(([name, code]) => [code, name]));

/** Events of meters, or what they measured of the grid: header, then lines by meter and time, each once. */
export async function meterLogLines(
  events: Pick<EventStore, 'streams' | 'read' | 'anchor'>,
  kind: 'events' | 'quality',
  window: Window,
  meter?: string,
): Promise<string[]> {
  const lines = new Map<string, { meterId: string; at: number }>();
  const keep = (line: string, meterId: string, at: number) => {
    if (at >= window.from && at < window.until && (meter === undefined || meter === meterId)) lines.set(line, { meterId, at });
  };
  for await (const stream of events.streams('segment/')) {
    for await (const commit of events.read(stream, await keptFrom(events, stream))) {
      for (const event of commit.events) {
        for (const entry of kind === 'events' ? eventsOf(event) : []) keep(logLine(entry), entry.meterId, entry.at);
        for (const entry of kind === 'quality' ? qualityOf(event) : [])
          keep(qualityLine(entry), entry.meterId, entry.end - entry.minutes * 60);
      }
    }
  }
  const sorted = [...lines].sort(([a, one], [b, other]) => compare(one.meterId, other.meterId) || one.at - other.at || compare(a, b));
  return [kind === 'events' ? LOG_HEADER : QUALITY_HEADER, ...sorted.map(([line]) => line)];
}

function* eventsOf(event: DomainEvent): Generator<MeterLogEntry> {
  for (const { meterId, plain } of plaintexts(event, RECORD_KIND.event)) {
    if (plain.kind !== 'event') continue;
    const { at, code, value } = plain;
    yield { meterId, at, event: EVENT_NAMES.get(code) ?? String(code), value };
  }
}

function* qualityOf(event: DomainEvent): Generator<QualityEntry> {
  for (const { meterId, plain } of plaintexts(event, RECORD_KIND.quality)) if (plain.kind === 'quality') yield { meterId, ...plain };
}

function* plaintexts(event: DomainEvent, kind: number) {
  if (event.type !== 'FramesAccepted') return;
  const { frames } = event.data;
  const bytes = Buffer.from(frames.plaintext.buffer, frames.plaintext.byteOffset, frames.plaintext.byteLength);
  for (const { frame, at, i } of recordedFrames(frames)) {
    if (frame.kind !== kind) continue;
    const plain = decodePlaintext(bytes.subarray(at, at + RECORD_BYTES[frames.sizeClass[i] as 0 | 1 | 2]));
    yield { meterId: recordedMeterId(frames, i), plain };
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
