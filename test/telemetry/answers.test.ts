import { describe, expect, it } from 'vitest';
import { answersDue, silentMembers } from '../../domain/telemetry/answers.ts';
import { foldCommit } from '../../domain/telemetry/fold.ts';
import { decideMembership } from '../../domain/telemetry/membership.ts';
import { SegmentState } from '../../domain/telemetry/segment-state.ts';
import type { AssetRecord } from '../../events/index.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';

const START = Date.UTC(2026, 0, 15);
const ORIGIN = START / QUARTER_MS;
const HOUR = 4 * QUARTER_MS;
const DAY = 24 * HOUR;

/** A meter with a roof: what is taken is channel 0, what is fed in channel 1. */
const ROOF: AssetRecord = {
  ...HOME,
  channels: [HOME.channels[0]!, { ...HOME.channels[0]!, obis: '1-0:2.8.0', direction: 'export' }],
};

/** A segment with one such meter, of whose 24 quarter-hours those of each channel arrived that are not missing, first and last number. */
function segment(...missing: readonly (readonly [number, number])[]): SegmentState {
  const state = new SegmentState();
  const relays = [{ dcId: 'one', from: 0 }];
  const join = { type: 'JoinMeter', meterId: '0a0b0c0000000000', asset: ROOF, relays, at: START } as const;
  foldCommit(state, 0, decideMembership(state, join));
  for (const [channel, lane] of state.members.at(0)!.lanes.entries()) {
    const [from, to] = missing[channel]!;
    for (let n = 1; n <= 24; n++) if (n < from || n > to) state.lanes.accept(lane, ORIGIN + n, 5);
  }
  return state;
}

const spanOf = (channel: number, from: number, to: number) => {
  const [first, last] = [from, to].map((n) => ((ORIGIN + n) * QUARTER_MS) / 1000);
  return { channel, from: first, to: last };
};

const NONE = [25, 24] as const;

function askedOf(state: SegmentState) {
  const due = answersDue(state, state.members.at(0)!, START + 6 * HOUR, false, defencesUnderTest().gapRequests);
  return due.flatMap((answer) => (answer.kind === 'resend' ? [answer.spans] : []));
}

describe('what a meter of several channels is asked for', () => {
  it('T8.1-2: is each gap that newer values have overtaken, in the channel that has it', () => {
    const [taken, fedIn] = [spanOf(0, 3, 6), spanOf(1, 9, 10)];
    expect(askedOf(segment([3, 6], [9, 10]))).toEqual([[taken, fedIn]]);
    expect(askedOf(segment(NONE, [9, 10]))).toEqual([[fedIn]]);
    expect(askedOf(segment([3, 6], NONE))).toEqual([[taken]]);
    expect(askedOf(segment(NONE, NONE))).toEqual([]);
  });

  it('T8.1-2: is what nothing newer follows, once it has been silent for too long, from the newest of each channel on', () => {
    const silent = (state: SegmentState) => silentMembers(state, START + 4 * DAY, 3 * DAY).map(({ spans }) => spans);
    const [taken, fedIn] = [spanOf(0, 25, 96), spanOf(1, 13, 96)];
    expect(silent(segment(NONE, [13, 24]))).toEqual([[taken, fedIn]]);
    const state = segment(NONE, [13, 24]);
    for (let n = 25; n <= 96; n++) state.lanes.accept(state.members.at(0)!.lanes[0]!, ORIGIN + n, 5);
    expect(silent(state)).toEqual([[fedIn]]);
  });
});
