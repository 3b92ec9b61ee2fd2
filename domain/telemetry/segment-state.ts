import { BatchWindow } from './batch-window.ts';
import { CounterWindows } from './counter-windows.ts';
import { Members } from './members.ts';
import { SlotLanes } from './slot-lanes.ts';

/** Where a meter went, and where that is written. */
export interface Departure {
  readonly toSegment: string;
  /** First version of the commit that holds MeterLeft. */
  readonly version: number;
  readonly cameBy: readonly string[];
}

/**
 * What stream `segment/<id>` adds up to. It has one owner, who moves it on in place: half a thousand meters' windows
 * are not copied for a frame. `advance` in apply.ts is the only code that changes it, both while deciding and
 * while folding, so a folded state equals the decided one (a property test holds them together).
 */
export class SegmentState {
  readonly members = new Members();
  readonly windows = new CounterWindows();
  readonly lanes = new SlotLanes();
  readonly batches = new Map<string, BatchWindow>();
  /** Meters that went to another segment, until they come back. */
  readonly left = new Map<string, Departure>();
  /** Numbers of members that carry batches of another segment. */
  readonly carrying = new Set<number>();
  /** Version of the last event folded in, -1 at the start. */
  version = -1;
  commitsSinceCheckpoint = 0;
  /** UTC ms of the last checkpoint. */
  checkpointedAt = 0;

  batchWindow(dcId: string): BatchWindow {
    const known = this.batches.get(dcId);
    if (known !== undefined) return known;
    const fresh = new BatchWindow();
    this.batches.set(dcId, fresh);
    return fresh;
  }
}
