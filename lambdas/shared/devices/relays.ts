import { type RelayCommand, type RelayState, relay } from '../../../domain/enrolment/relay.ts';
import type { RelayEvent } from '../../../events/index.ts';
import { StreamTrimmed } from '../../../platform/ports/stream-anchor.ts';
import type { BodyReader } from '../retained/checkpoints.ts';
import { readStandIn } from '../retained/stand-ins.ts';
import { type Decided, type DecidingOptions, type Folded, foldStream, runDecider, WarmStreams } from '../streams.ts';

export type Relays = WarmStreams<RelayState>;

export function relayStream(dcId: string): string {
  return `relay/${dcId}`;
}

/** A concentrator as it stands, whatever of its stream is kept. @throws ERR_CHECKPOINT_LOST */
export async function foldRelay(platform: BodyReader, dcId: string, warm: Relays = new WarmStreams(1)): Promise<Folded<RelayState>> {
  return await fromWhatIsKept(platform, dcId, warm, () => foldStream(platform.events, relayStream(dcId), relay, warm));
}

/** Decides and records on top of that. @throws as `runDecider`, ERR_CHECKPOINT_LOST */
export async function runRelay(
  platform: BodyReader,
  dcId: string,
  commands: RelayCommand | readonly RelayCommand[],
  warm: Relays = new WarmStreams(1),
  options: DecidingOptions<RelayEvent> = {},
): Promise<Decided<RelayState, RelayEvent>> {
  return await fromWhatIsKept(platform, dcId, warm, () => runDecider(platform.events, relayStream(dcId), relay, commands, warm, options));
}

/** Who knows nothing, or only what has been deleted since, begins with what stands in for it. */
async function fromWhatIsKept<Result>(platform: BodyReader, dcId: string, warm: Relays, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StreamTrimmed)) throw error;
      const begins = await readStandIn<RelayState>(platform, relayStream(dcId));
      if (begins === undefined || (warm.get(relayStream(dcId))?.head.version ?? -1) >= begins.head.version) throw error;
      warm.set(relayStream(dcId), begins);
    }
  }
}
