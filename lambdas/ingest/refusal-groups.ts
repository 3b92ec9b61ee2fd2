import { hash } from 'node:crypto';
import type { RelayCommand } from '../../domain/enrolment/relay.ts';
import { JoulekeepError, type SegmentEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type Relays, runRelay } from '../shared/devices/relays.ts';
import { Grouped } from '../shared/grouped.ts';
import type { Segments, WarmSegment } from '../shared/segments.ts';
import { stillOpen } from './batch-history.ts';
import { intoBodies, refusedBytes } from './commit-sizes.ts';
import { commitIdOf, type Portion } from './segment-ingest.ts';

type Junk = Extract<RelayCommand, { type: 'CountJunk' }>;
type Refused = Extract<SegmentEvent, { type: 'FramesRefused' }>;

/** A portion of which every frame was refused, as it was judged. */
interface RefusedPortion {
  readonly warm: WarmSegment;
  readonly portion: Portion;
  readonly event: Refused;
  /** Whether what it was judged by still holds when it is written. */
  stale: boolean;
}

/** More than one invocation hands over, on all workers of one process. */
const MOST = 64;

/**
 * Refusals of all messages in hand go into one commit per stream: a flood of small batches costs a commit for every ten, not
 * for each. They can't wait longer: a message may be let go of only when it is counted (docs/adr/0013).
 * @source X.1332 8.1, 10.1 (denial of service)
 */
export class RefusalGroups {
  readonly #segments: Segments;
  readonly #junk: Grouped<Junk>;
  readonly #refused: Grouped<RefusedPortion>;

  constructor(platform: Platform, segments: Segments, relays: Relays) {
    this.#segments = segments;
    this.#junk = new Grouped(
      MOST,
      async (dcId, commands) => {
        for (const body of intoBodies(commands, refusedBytes)) await runRelay(platform, dcId, body, relays);
      },
      inHand,
    );
    this.#refused = new Grouped(MOST, (_segment, items) => this.#write(items), inHand);
  }

  /** Counts a batch's junk. Resolves when it is durable. */
  countJunk(command: Junk): Promise<void> {
    return this.#junk.add(command.batch.dcId, command);
  }

  /** Records that all of a portion was refused. Resolves when it is durable. @throws ERR_VERSION_CONFLICT when it must be judged anew */
  async record(warm: WarmSegment, portion: Portion, event: Refused): Promise<void> {
    const item = { warm, portion, event, stale: false };
    await this.#refused.add(warm.id, item);
    if (item.stale) throw new JoulekeepError('ERR_VERSION_CONFLICT', `segment ${warm.id} has moved on`, { retryable: true });
  }

  async #write(items: readonly RefusedPortion[]): Promise<void> {
    const { warm } = items.at(-1)!;
    const ready = await this.#segments.ready(warm);
    const batches = new Set<string>();
    const standing = items.filter((item) => {
      const batch = `${item.event.data.batch.dcId}/${item.portion.message.digest.toString('hex')}`;
      item.stale = !ready || item.warm !== warm || batches.has(batch) || !stillOpen(warm.state, item.portion);
      if (!item.stale) batches.add(batch);
      return !item.stale;
    });
    const bodies = intoBodies(standing, ({ event }) => refusedBytes(event.data));
    await Promise.all(
      bodies.map((body) => {
        const events = body.map(({ event }) => event);
        return this.#segments.record(warm, groupId(body), events, 'frames');
      }),
    );
  }
}

/** Messages of one invocation are worked on side by side: what they refuse is known a turn of the event loop later. */
function inHand(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function groupId(body: readonly RefusedPortion[]): Buffer {
  const ids = body.map(({ warm, portion: { message, batch } }) => commitIdOf(message, batch.sequence, warm.id, 0));
  return hash('sha256', Buffer.concat(ids), 'buffer');
}
