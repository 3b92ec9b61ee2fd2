import type { AssetRecord, MemberStatus, MemberTelemetry, RelayInterval } from '../../events/index.ts';
import { BatchWindow, type DumpedBatches } from './batch-window.ts';
import { newMember } from './members.ts';
import { dumpMember, restoreMember } from './moves.ts';
import { type Departure, SegmentState } from './segment-state.ts';

export const SHAPE = 2;

/** Body of a checkpoint. A snapshot of another shape number is discarded and the stream folded from its start. */
export interface SegmentSnapshot {
  readonly shape: typeof SHAPE;
  readonly version: number;
  readonly checkpointedAt: number;
  readonly members: readonly (DumpedPlace | null)[];
  readonly batches: readonly (DumpedBatches & { readonly dcId: string })[];
  readonly left: readonly (Departure & { readonly meterId: string })[];
}

interface DumpedPlace {
  readonly meterId: string;
  readonly asset: AssetRecord;
  readonly relays: readonly RelayInterval[];
  readonly status: MemberStatus;
  readonly joined: number;
  readonly cameBy: readonly string[];
  readonly telemetry: MemberTelemetry;
}

export function takeSnapshot(state: SegmentState): SegmentSnapshot {
  const members: (DumpedPlace | null)[] = [];
  for (let number = 0; number < state.members.count; number++) {
    const member = state.members.at(number);
    if (member === undefined) members.push(null);
    else {
      const { meterId, asset, relays, status, joined, cameBy } = member;
      members.push({ meterId, asset, relays, status, joined, cameBy, telemetry: dumpMember(state, number) });
    }
  }
  const batches = [...state.batches].map(([dcId, window]) => ({ dcId, ...window.dump() }));
  const left = [...state.left].map(([meterId, departure]) => ({ meterId, ...departure }));
  return { shape: SHAPE, version: state.version, checkpointedAt: state.checkpointedAt, members, batches, left };
}

export function restoreSnapshot(snapshot: SegmentSnapshot): SegmentState {
  const state = new SegmentState();
  for (const [number, place] of snapshot.members.entries()) {
    if (place === null) {
      state.members.skip(number);
      continue;
    }
    const { meterId, asset, relays, telemetry, ...rest } = place;
    restoreMember(state, number, { ...newMember(meterId, asset, relays, telemetry.since, []), ...rest }, telemetry, true);
  }
  for (const { dcId, ...dumped } of snapshot.batches) state.batches.set(dcId, BatchWindow.restore(dumped));
  for (const { meterId, ...departure } of snapshot.left) state.left.set(meterId, departure);
  state.version = snapshot.version;
  state.checkpointedAt = snapshot.checkpointedAt;
  return state;
}
