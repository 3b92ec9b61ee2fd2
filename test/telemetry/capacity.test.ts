import { describe, expect, it } from 'vitest';
import { annotate } from '../../domain/telemetry/checks.ts';
import { newMember } from '../../domain/telemetry/members.ts';
import { emptyFrame } from '../../domain/telemetry/opened-frame.ts';
import { capacityCounts } from '../../domain/vee/channel-day.ts';
import { ANNOTATION, type AssetRecord } from '../../events/index.ts';
import { HOME } from '../support/sealed-town.ts';

const METER = '02a1b2c3d4e5f607';

/** 400 kW behind transformers of 40:1, a count is 10 Wh at the meter: 275 counts a quarter-hour, a tenth above the fuse. */
const BEHIND_TRANSFORMERS: AssetRecord = {
  ...HOME,
  fuseW: 400_000,
  channels: [{ ...HOME.channels[0]!, scale: 10, multiplier: 40 }],
};

function annotated(asset: AssetRecord, counts: number): number {
  const frame = emptyFrame();
  Object.assign(frame, { count: 1, minutes: asset.intervalMinutes, end: 1_800_000_000, register: counts });
  frame.deltas[0] = counts;
  return annotate(frame, newMember(METER, asset, [], 0, []), frame.end * 1000);
}

describe('V08 at ingest', () => {
  it('bounds counts before scale and multiplier', () => {
    expect([275, 276].map((counts) => annotated(BEHIND_TRANSFORMERS, counts))).toEqual([0, ANNOTATION.overCapacity]);
  });

  it.each([
    [1, 1],
    [1, 40],
    [10, 40],
    [0.1, 40],
  ])('is the bound of the day at scale %d and multiplier %d', (scale, multiplier) => {
    const asset = { ...HOME, channels: [{ ...HOME.channels[0]!, scale, multiplier }] };
    const bound = capacityCounts(asset.fuseW, asset.intervalMinutes, scale * multiplier, 1.1);
    expect(annotated(asset, Math.min(bound, 0x7fff)) & ANNOTATION.overCapacity).toBe(0);
    if (bound < 0x7fff) expect(annotated(asset, bound + 1) & ANNOTATION.overCapacity).not.toBe(0);
  });
});
