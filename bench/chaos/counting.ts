import { ReadingsFold } from '../../domain/telemetry/readings.ts';
import type { DomainEvent } from '../../events/index.ts';
import { openAudit } from '../../platform/embedded/audit.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import { acceptedTwice } from '../../test/property/sent-batches.ts';
import type { ChaosTown, SentBatch } from './protocol.ts';

/** What the streams of a state directory say of batches that were sent: nothing else is believed. */
export interface Counted {
  readonly offered: number;
  readonly accepted: number;
  /** Recorded with the reason why they are not accepted; whoever sent them was not told that they arrived. */
  readonly setAside: number;
  /** Acknowledged by the gateway, and in no stream. */
  readonly lost: number;
  /** Frames accepted more than once, and what the store has more than the meters measured. */
  readonly twice: number;
  /** Wh that meters measured in what was accepted, less what the store has of them. */
  readonly energyMissing: number;
  /** Streams whose chain does not hold. */
  readonly unsound: number;
  readonly commits: number;
  /** Newcomers whose HELLO was answered with an epoch. */
  readonly agreed: number;
  /** When a batch was recorded, UTC ms by the scenario's clock. */
  readonly recordedAt: ReadonlyMap<string, number>;
  /** Batches of which every frame is accepted. */
  readonly whole: ReadonlySet<string>;
}

interface Batch {
  accepted: number;
  refused: number;
  at: number;
}

export function nameOf({ dcId, sequence }: Pick<SentBatch, 'dcId' | 'sequence'>): string {
  return `${dcId} ${sequence}`;
}

export async function count(stateDir: string, town: ChaosTown, sent: readonly SentBatch[]): Promise<Counted> {
  const audit = openAudit(stateDir);
  try {
    const fold = new ReadingsFold();
    const events: DomainEvent[] = [];
    const batches = new Map<string, Batch>();
    for (const prefix of ['segment/', 'relay/']) {
      for await (const stream of audit.events.streams(prefix)) {
        fold.beginStream(stream.slice(prefix.length));
        for await (const commit of audit.events.read(stream)) {
          for (const event of commit.events) {
            fold.add(event);
            note(batches, event, commit.recordedAt);
            events.push(event);
          }
        }
      }
    }
    let [unsound, commits] = [0, 0];
    for await (const report of audit.verify('')) {
      commits += report.commits;
      if (report.bad !== undefined) unsound++;
    }
    const agreed = await agreedIn(audit.events, town);
    return { ...balance(town, sent, batches, fold), twice: acceptedTwice(events).length, unsound, commits, agreed };
  } finally {
    audit.close();
  }
}

async function agreedIn(events: Pick<EventStore, 'read'>, { newcomers }: ChaosTown): Promise<number> {
  let agreed = 0;
  for (const { meterId } of newcomers) {
    const types = new Set<string>();
    for await (const commit of events.read(`meter/${meterId}`)) for (const { type } of commit.events) types.add(type);
    if (types.has('EpochProposed')) agreed++;
  }
  return agreed;
}

function note(batches: Map<string, Batch>, event: DomainEvent, at: number): void {
  if (event.type !== 'FramesAccepted' && event.type !== 'FramesRefused' && event.type !== 'FramesHeld' && event.type !== 'JunkCounted')
    return;
  const name = nameOf(event.data.batch);
  const batch = batches.get(name) ?? { accepted: 0, refused: 0, at };
  batches.set(name, batch);
  if (event.type === 'FramesAccepted') batch.accepted += event.data.frames.count;
  else if (event.type === 'FramesHeld') batch.refused += event.data.frames.count;
  else for (const refused of Object.values(event.data.counts)) batch.refused += refused ?? 0;
}

/** Held against what was sent; of whoever sent nothing here nothing is counted. */
function balance(town: ChaosTown, sent: readonly SentBatch[], batches: ReadonlyMap<string, Batch>, fold: ReadingsFold) {
  const total = { offered: 0, accepted: 0, setAside: 0, lost: 0 };
  const recordedAt = new Map<string, number>();
  const whole = new Set<string>();
  let measured = 0;
  for (const batch of sent) {
    const { accepted = 0, refused = 0, at } = batches.get(nameOf(batch)) ?? {};
    total.offered += batch.frames;
    total.accepted += accepted;
    total.setAside += refused;
    total.lost += Math.max(0, batch.frames - accepted - refused);
    if (accepted === batch.frames) {
      whole.add(nameOf(batch));
      measured += batch.energyWh;
    }
    if (at !== undefined) recordedAt.set(nameOf(batch), at);
  }
  const streets = new Set(sent.map(({ dcId }) => dcId));
  const honest = new Set(town.concentrators.flatMap(({ dcId, meters }) => (streets.has(dcId) ? meters.map(({ meterId }) => meterId) : [])));
  let stored = 0;
  for (const { meterId, energyWh } of fold.sorted()) if (honest.has(meterId)) stored += energyWh;
  return { ...total, energyMissing: measured - stored, recordedAt, whole };
}
