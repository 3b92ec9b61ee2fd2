import { meter } from '../../domain/enrolment/meter.ts';
import { openedEpochs, recordedFrames, recordedMeterId } from '../../domain/telemetry/opened-frame.ts';
import {
  type DomainEvent,
  type FramesAccepted,
  type FramesHeld,
  HELD_REASONS,
  type IssuedDownlink,
  RECORD,
  recordU32,
} from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { encodeParcel } from '../../protocol/batch.ts';
import { KIND } from '../../protocol/plaintext.ts';
import { downTopic } from '../../topology/device-access.ts';
import { runDecider } from '../shared/streams.ts';

const COUNTER_REUSED = HELD_REASONS.indexOf('counter-reused');
/** Codes of device events that are tampering (docs/protocol.md). */
const TAMPER_CODES: ReadonlySet<number> = new Set([1, 2]);
const PARCEL_BYTES = 90_000;

/**
 * What follows from a durable commit of the segment, read from its recorded events alone: so a redelivered batch, after a
 * crash at any point, brings about the same. Every step is idempotent.
 */
export async function followUp(platform: Platform, events: readonly DomainEvent[]): Promise<void> {
  for (const event of events) {
    if (event.type === 'DownlinksIssued') await sendDownlinks(platform, event.data.messages);
    else if (event.type === 'FramesAccepted') {
      await activateEpochs(platform, event.data);
      await reportTampering(platform, event.data);
    } else if (event.type === 'FramesHeld') {
      await activateEpochs(platform, event.data);
      await reportReuse(platform, event.data);
    }
  }
}

/** Streams looked at side by side: enough to share a group commit, not enough to fill the memory after an outage. */
const SIDE_BY_SIDE = 32;

/** A frame opened under a proposed epoch: the meter has the key. */
async function activateEpochs(platform: Platform, accepted: FramesAccepted | FramesHeld): Promise<void> {
  const activate = ({ meterId, epoch }: { meterId: string; epoch: number }) =>
    runDecider(platform.events, `meter/${meterId}`, meter, { type: 'ActivateEpoch', epoch, at: accepted.brokerTime });
  const opened = openedEpochs(accepted);
  for (let from = 0; from < opened.length; from += SIDE_BY_SIDE) {
    await Promise.all(opened.slice(from, from + SIDE_BY_SIDE).map(activate));
  }
}

/** One parcel per concentrator, or several where they would grow too large. */
async function sendDownlinks(platform: Platform, messages: readonly IssuedDownlink[]): Promise<void> {
  const parcels = new Map<string, { items: { meterId: string; bytes: Buffer }[]; size: number }>();
  for (const { dcId, meterId, bytes } of messages) {
    const parcel = parcels.get(dcId) ?? { items: [], size: 0 };
    if (parcel.size + bytes.length > PARCEL_BYTES) {
      await platform.downlink.publish(downTopic(`dc-${dcId}`), encodeParcel(parcel.items));
      parcel.items = [];
      parcel.size = 0;
    }
    parcel.items.push({ meterId, bytes: Buffer.from(bytes) });
    parcel.size += bytes.length + 10;
    parcels.set(dcId, parcel);
  }
  for (const [dcId, { items }] of parcels) await platform.downlink.publish(downTopic(`dc-${dcId}`), encodeParcel(items));
}

async function reportReuse(platform: Platform, held: FramesHeld): Promise<void> {
  if (!held.reasons.includes(COUNTER_REUSED)) return;
  for (const { frame, i } of recordedFrames(held.frames)) {
    if (held.reasons[i] !== COUNTER_REUSED) continue;
    const command = { type: 'ReportCounterReuse' as const, epoch: frame.epoch, counter: frame.counter, at: held.brokerTime };
    await runDecider(platform.events, `meter/${recordedMeterId(held.frames, i)}`, meter, command);
  }
}

async function reportTampering(platform: Platform, accepted: FramesAccepted): Promise<void> {
  for (let i = 0; i < accepted.frames.count; i++) {
    if (accepted.frames.sizeClass[i] === 1) return tamperEvents(platform, accepted);
  }
}

/** A device event: kind, flags, code, then the time in seconds. */
async function tamperEvents(platform: Platform, accepted: FramesAccepted): Promise<void> {
  const { plaintext } = accepted.frames;
  for (const { frame, at, i } of recordedFrames(accepted.frames)) {
    const code = plaintext[at + RECORD.flags + 1]!;
    if (frame.kind !== KIND.event || !TAMPER_CODES.has(code)) continue;
    const seconds = recordU32(plaintext, at + RECORD.flags + 2);
    const command = { type: 'ReportTamper' as const, code, at: seconds * 1000 };
    await runDecider(platform.events, `meter/${recordedMeterId(accepted.frames, i)}`, meter, command);
  }
}
