import type { MeterEvent } from '../../events/index.ts';
import { JoulekeepError } from '../../events/index.ts';
import { LADDER } from './limits.ts';
import type { Epoch, KnownMeter, Ladder, MeterState } from './meter-state.ts';

/** What the ladder says to a HELLO. */
export type HelloVerdict =
  | { readonly verdict: 'fresh' }
  | { readonly verdict: 'repeat'; readonly accept: Uint8Array }
  | { readonly verdict: 'refused'; readonly reason: HelloRefusal; readonly answerable: boolean };

export type HelloRefusal =
  | 'meter-unknown'
  | 'meter-not-active'
  | 'meter-quarantined'
  | 'meter-retired'
  | 'epoch-used'
  | 'epoch-too-far'
  | 'suite-downgrade';

/**
 * Judges a HELLO by the meter's ladder alone: each HELLO burns an epoch number, any number in (highest, highest + 16]
 * is fresh, the same to-be-signed bytes get the recorded ACCEPT, everything else is refused. `answerable` refusals may
 * be told by EPOCH-IS, provided the HELLO was verified. @source X.1332 10.1
 */
export function judgeHello(state: MeterState, hello: { epoch: number; helloHash: Uint8Array; suite: number }): HelloVerdict {
  if (state.status === 'unknown') return refused('meter-unknown', false);
  if (state.status === 'retired') return refused('meter-retired', false);
  if (state.status === 'quarantined') return refused('meter-quarantined', false);
  if (state.status === 'enrolled') return refused('meter-not-active', false);
  const { ladder } = state;
  if (hello.epoch <= ladder.highest) {
    const same = liveEpoch(ladder, hello.epoch);
    if (same !== undefined && sameBytes(same.helloHash, hello.helloHash)) return { verdict: 'repeat', accept: same.accept };
    return refused('epoch-used', true);
  }
  if (hello.epoch > ladder.highest + LADDER.helloAhead) return refused('epoch-too-far', true);
  if (hello.suite < ladder.suiteFloor) return refused('suite-downgrade', false);
  return { verdict: 'fresh' };
}

/** A frame opened under the epoch: it is confirmed, and whatever was active before is closed. */
export function activateEpoch(state: KnownMeter, epoch: number, at: number): MeterEvent[] {
  const proposed = liveEpoch(state.ladder, epoch);
  if (proposed?.phase !== 'proposed') return [];
  const events: MeterEvent[] = [{ type: 'EpochActivated', data: { epoch, at } }];
  const active = state.ladder.live.filter((other) => other.phase === 'active');
  for (const other of active) if (other.epoch < epoch) events.push({ type: 'EpochClosed', data: { epoch: other.epoch, at } });
  if (active.some((other) => other.epoch > epoch)) events.push({ type: 'EpochClosed', data: { epoch, at } });
  return events;
}

/** @throws ERR_EPOCH_NOT_ACTIVE for an epoch no frame has confirmed */
export function closeEpoch(state: KnownMeter, epoch: number, at: number): MeterEvent[] {
  const live = liveEpoch(state.ladder, epoch);
  if (live === undefined || live.phase === 'closed') return [];
  if (live.phase === 'proposed') throw new JoulekeepError('ERR_EPOCH_NOT_ACTIVE', `epoch ${epoch} is only proposed`);
  return [{ type: 'EpochClosed', data: { epoch, at } }];
}

/** @throws ERR_EPOCH_NOT_DUE before its 14 days are over: an early destruction loses readings */
export function destroyEpoch(state: KnownMeter, epoch: number, at: number): MeterEvent[] {
  const live = liveEpoch(state.ladder, epoch);
  if (live === undefined) return [];
  if (at < destroyAt(live)) throw new JoulekeepError('ERR_EPOCH_NOT_DUE', `epoch ${epoch} is due at ${destroyAt(live)}`);
  return [{ type: 'EpochDestroyed', data: { epoch, at } }];
}

export function markEpochOverdue(state: KnownMeter, epoch: number, at: number): MeterEvent[] {
  const live = liveEpoch(state.ladder, epoch);
  if (live === undefined || !isOverdue(live, at)) return [];
  return [{ type: 'EpochOverdue', data: { epoch, at } }];
}

/** What the clock demands of a meter's epochs, and when to look again (UTC ms; absent when nothing is left to do). */
export interface EpochDuties {
  readonly destroy: readonly Epoch[];
  readonly overdue: readonly Epoch[];
  readonly next?: number;
}

export function epochDuties(state: MeterState, now: number): EpochDuties {
  if (state.status === 'unknown') return { destroy: [], overdue: [] };
  const { live } = state.ladder;
  const destroy = live.filter((epoch) => now >= destroyAt(epoch));
  const rest = live.filter((epoch) => now < destroyAt(epoch));
  const overdue = state.status === 'active' ? rest.filter((epoch) => isOverdue(epoch, now)) : [];
  const times = rest.flatMap((epoch) => [destroyAt(epoch), ...overdueTimes(epoch)]).filter((at) => at > now);
  return times.length === 0 ? { destroy, overdue } : { destroy, overdue, next: Math.min(...times) };
}

/** UTC ms: in time for the end of 14 days after activation, or after the proposal of an epoch no frame ever confirmed. */
export function destroyAt(epoch: Epoch): number {
  return (epoch.phase === 'proposed' ? epoch.proposedAt : epoch.activatedAt) + LADDER.deadAfter - LADDER.destroyAhead;
}

/** The epoch that downlinks are to be sealed under: the newest that a frame has confirmed. */
export function currentEpoch(state: KnownMeter): number | undefined {
  return state.ladder.live.findLast((epoch) => epoch.phase === 'active')?.epoch;
}

export function liveEpoch(ladder: Ladder, epoch: number): Epoch | undefined {
  return ladder.live.find((live) => live.epoch === epoch);
}

function isOverdue(epoch: Epoch, now: number): boolean {
  return epoch.phase === 'active' && !epoch.overdue && now >= epoch.activatedAt + LADDER.overdueAfter;
}

function overdueTimes(epoch: Epoch): number[] {
  return epoch.phase === 'active' && !epoch.overdue ? [epoch.activatedAt + LADDER.overdueAfter] : [];
}

function refused(reason: HelloRefusal, answerable: boolean): HelloVerdict {
  return { verdict: 'refused', reason, answerable };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
