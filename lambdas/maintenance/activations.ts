import { meter } from '../../domain/enrolment/meter.ts';
import { openedEpochs } from '../../domain/telemetry/opened-frame.ts';
import type { FramesAccepted, FramesHeld } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';
import { runDecider } from '../shared/streams.ts';

/**
 * Derives EpochActivated from a segment's commits once more: a frame that opened confirms its epoch. Ingest does so with
 * every batch; this makes up for what a restored meter stream has lost. Idempotent.
 */
export async function deriveActivations(platform: Platform, segment: string): Promise<void> {
  const stream = `segment/${segment}`;
  for await (const { events } of platform.events.read(stream, await keptFrom(platform.events, stream))) {
    for (const event of events) if (event.type === 'FramesAccepted' || event.type === 'FramesHeld') await activate(platform, event.data);
  }
}

async function activate(platform: Platform, accepted: FramesAccepted | FramesHeld): Promise<void> {
  for (const { meterId, epoch } of openedEpochs(accepted)) {
    await runDecider(platform.events, `meter/${meterId}`, meter, { type: 'ActivateEpoch', epoch, at: accepted.brokerTime });
  }
}
