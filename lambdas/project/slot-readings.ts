import type { FrameWatcher } from '../../domain/telemetry/fold.ts';
import type { SegmentState } from '../../domain/telemetry/segment-state.ts';
import { ANNOTATION, type AssetRecord, NO_VALUE } from '../../events/index.ts';

/** A slot that came for the first time. */
export interface SlotReading {
  readonly meterId: string;
  readonly asset: AssetRecord;
  readonly channel: number;
  readonly minutes: number;
  /** Interval end, UTC s. */
  readonly end: number;
  /** In the channel's unit; undefined = measured none, or held. */
  readonly energyWh: number | undefined;
  /** V08: more than the service fuse lets through. The value shows nowhere until a person or an estimate has decided. */
  readonly held: boolean;
  /** Version of the commit's first event. */
  readonly version: number;
}

/**
 * Watches a segment being folded and tells every slot the first time it comes. Which those are the segment's own state knows,
 * also of a meter that was elsewhere before: nothing counts twice, in whatever commit or segment it comes again.
 */
export function slotWatcher(state: SegmentState, version: number, tell: (reading: SlotReading) => void): FrameWatcher {
  return ({ meterId, asset, lanes, capacity }, frame, annotations) => {
    const { channel, minutes, count } = frame;
    const lane = lanes[channel];
    const kind = asset.channels[channel];
    if (lane === undefined || kind === undefined || (annotations & ANNOTATION.misaligned) !== 0) return;
    const last = frame.end / (minutes * 60);
    for (let i = 0, slot = last - count + 1; i < count; i++, slot++) {
      if (state.lanes.arrived(lane, slot)) continue;
      const counts = frame.deltas[i]!;
      const held = counts !== NO_VALUE && counts > capacity[channel]!;
      const energyWh = held || counts === NO_VALUE ? undefined : Math.round(counts * kind.scale * kind.multiplier);
      tell({ meterId, asset, channel, minutes, end: slot * minutes * 60, energyWh, held, version });
    }
  };
}

/** Active energy over all tariffs: what an area adds up. Tariff registers are parts of it, reactive energy is none. */
export function isTotalEnergy({ asset, channel }: SlotReading): boolean {
  const { obis, unit } = asset.channels[channel]!;
  return unit === 'Wh' && /^\d+-\d+:[12]\.8\.0(\D|$)/.test(obis);
}
