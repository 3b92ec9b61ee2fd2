import { emptyView, isEstimate, viewSlot } from '../../domain/meterday/effective.ts';
import type { ChannelState, OpenDay } from '../../domain/meterday/state.ts';
import type { Channel } from '../../events/index.ts';
import { NO_COUNTS } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { foldDay, isSealedFromReader } from '../shared/days/day-streams.ts';

/** An interval of a usage point as it stands. */
export interface ClosedSlot {
  /** UTC s. */
  readonly start: number;
  readonly end: number;
  readonly direction: Channel['direction'];
  readonly unit: Channel['unit'];
  readonly minutes: number;
  /** Local date. */
  readonly day: string;
  /** null = none that counts. */
  readonly energyWh: number | null;
  readonly quality: 'measured' | 'estimated' | 'edited' | 'missing';
}

const view = emptyView();

/**
 * Slots of closed days of a usage point that the access opens. Days of somebody else, days without an outcome and erased ones are left
 * out, and so are days that a meter spent at another usage point.
 */
export async function* closedSlots(
  platform: Platform,
  usagePoint: string,
  streams: readonly string[],
  access: SubjectAccess,
): AsyncGenerator<ClosedSlot, void, void> {
  for (const stream of streams) {
    const day = await closedDay(platform, stream, access);
    if (day === undefined || day.frame.usagePoint !== usagePoint) continue;
    for (const channel of day.channels) if (channel !== undefined) yield* slotsOf(day, channel);
  }
}

async function closedDay(platform: Platform, stream: string, access: SubjectAccess): Promise<OpenDay | undefined> {
  try {
    const state = await foldDay(platform, stream, access);
    return state.status === 'open' && state.outcome !== undefined ? state : undefined;
  } catch (error) {
    // A later tenant's day, or one that waits to be sealed again.
    if (isSealedFromReader(error)) return undefined;
    throw error;
  }
}

function* slotsOf({ frame, slots }: OpenDay, channel: ChannelState): Generator<ClosedSlot, void, void> {
  const { direction, unit } = channel.asset;
  const seconds = frame.minutes * 60;
  for (let slot = 0; slot < slots; slot++) {
    viewSlot(channel, slot, true, view);
    const start = frame.start + slot * seconds;
    const isThere = view.counts !== NO_COUNTS;
    const quality = !isThere ? 'missing' : view.edited ? 'edited' : isEstimate(view.source) ? 'estimated' : 'measured';
    const energyWh = isThere ? Math.round(view.counts * channel.perCount) : null;
    yield { start, end: start + seconds, direction, unit, minutes: frame.minutes, day: frame.day, energyWh, quality };
  }
}
