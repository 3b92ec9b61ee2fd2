import {
  type ErasedClass,
  type ErasureDeferred,
  type ErasureEvent,
  type ErasureRequested,
  JoulekeepError,
  type LegalHoldPlaced,
  type SubjectAccessEnded,
  type SubjectErased,
  type SubjectKeysDestroyed,
} from '../../events/index.ts';
import { type ErasureState, type ErasureStatus, evolveErasure, lastOf, NO_ERASURE } from './erasure-state.ts';

export type ErasureCommand =
  | ({ readonly type: 'RequestErasure' } & ErasureRequested)
  | { readonly type: 'WithdrawErasure'; readonly by: string; readonly at: number }
  | ({ readonly type: 'DeferErasure' } & ErasureDeferred)
  | ({ readonly type: 'PlaceHold' } & LegalHoldPlaced)
  | { readonly type: 'ReleaseHold'; readonly hold: string; readonly by: string; readonly at: number }
  | { readonly type: 'BeginAccessEnd'; readonly at: number }
  | ({ readonly type: 'EndAccess' } & SubjectAccessEnded)
  | { readonly type: 'BeginDestruction'; readonly of: ErasedClass; readonly at: number }
  | ({ readonly type: 'DestroyKeys' } & SubjectKeysDestroyed)
  | { readonly type: 'ClearModels'; readonly items: number; readonly at: number }
  | { readonly type: 'NotifyRecipient'; readonly recipient: string; readonly at: number }
  | ({ readonly type: 'Erase' } & Omit<SubjectErased, 'completeAt'>)
  | { readonly type: 'Complete'; readonly at: number };

const HOLD = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * Decider of stream `erasure/<account>`. `[]` means already done. What can't be taken back is decided here before it is done: whoever destroys
 * keys has a KeyDestructionBegun on top of a stream that has no hold, so a hold that comes at the same moment is either before it or told that it is late.
 * Whoever ends access has an AccessEndBegun: behind it nobody takes the request back, and a hold keeps the days and bills alone.
 * @throws ERR_ERASURE_HELD, ERR_ERASURE_EARLY, ERR_ERASURE_ORDER, ERR_ERASURE_BEGUN, ERR_ERASURE_UNKNOWN, ERR_HOLD_INVALID, ERR_HOLD_UNKNOWN, ERR_SECOND_PERSON
 */
export const erasure = { initial: NO_ERASURE, decide: decideErasure, evolve: evolveErasure };

function decideErasure(command: ErasureCommand, state: ErasureState): readonly ErasureEvent[] {
  switch (command.type) {
    case 'RequestErasure': {
      const { type: _, ...data } = command;
      return state.status === 'none' ? [{ type: 'ErasureRequested', data }] : [];
    }
    case 'WithdrawErasure':
      return withdraw(command, state);
    case 'DeferErasure': {
      const { type: _, ...data } = command;
      const known = state.deferred[data.class];
      const isSo = known?.until === data.until && known?.legalBasis === data.legalBasis;
      return isSo || !isDue(state) || state.begun[data.class] !== undefined ? [] : [{ type: 'ErasureDeferred', data }];
    }
    case 'PlaceHold':
      return placeHold(command, state);
    case 'ReleaseHold':
      return releaseHold(command, state);
    default:
      return decideStep(command, state);
  }
}

type StepCommand = Exclude<ErasureCommand, { type: 'RequestErasure' | 'WithdrawErasure' | 'DeferErasure' | 'PlaceHold' | 'ReleaseHold' }>;

function decideStep(command: StepCommand, state: ErasureState): readonly ErasureEvent[] {
  switch (command.type) {
    case 'BeginAccessEnd':
      if (isPast(state, 'access-ending')) return [];
      checkTime(state, 'usage', command.at);
      return [{ type: 'AccessEndBegun', data: { at: command.at } }];
    case 'EndAccess': {
      const { type: _, ...data } = command;
      if (isPast(state, 'access-ended')) return [];
      if (state.status !== 'access-ending') throw order('access ends after that was decided');
      return [{ type: 'SubjectAccessEnded', data }];
    }
    case 'BeginDestruction':
      return begin(command, state);
    case 'DestroyKeys': {
      const { type: _, ...data } = command;
      if (state.begun[data.of] === undefined) throw order(`keys of ${data.of} are destroyed after that was decided`);
      return state.destroyed[data.of] !== undefined && data.rows.length === 0 ? [] : [{ type: 'SubjectKeysDestroyed', data }];
    }
    case 'ClearModels':
      if (isPast(state, 'cleared')) return [];
      if (state.status !== 'keys-destroyed') throw order('read models are cleared when the keys are destroyed');
      return [{ type: 'ReadModelsCleared', data: { items: command.items, at: command.at } }];
    case 'NotifyRecipient':
      if (state.notified.has(command.recipient)) return [];
      if (!isPast(state, 'cleared')) throw order('recipients are told what is done');
      return [{ type: 'RecipientNotified', data: { recipient: command.recipient, at: command.at } }];
    case 'Erase':
      if (isPast(state, 'erased')) return [];
      if (state.status !== 'cleared') throw order('a customer is erased when the read models are');
      return [{ type: 'SubjectErased', data: { completeAt: lastOf(command.remaining), remaining: command.remaining, at: command.at } }];
    case 'Complete':
      return complete(command, state);
    default:
      return never(command);
  }
}

function withdraw({ by, at }: { readonly by: string; readonly at: number }, state: ErasureState): ErasureEvent[] {
  if (state.status === 'none') return [];
  if (state.status !== 'requested') throw new JoulekeepError('ERR_ERASURE_BEGUN', 'the erasure has begun: it can not be taken back');
  return [{ type: 'ErasureWithdrawn', data: { by, at } }];
}

function placeHold({ type: _, ...data }: Extract<ErasureCommand, { type: 'PlaceHold' }>, state: ErasureState): ErasureEvent[] {
  if (!HOLD.test(data.hold) || data.legalBasis.trim() === '')
    throw new JoulekeepError('ERR_HOLD_INVALID', 'a hold has a name of 1 to 64 letters, digits, dots, dashes, and says by what law');
  if (state.holds.has(data.hold)) return [];
  if (state.released.has(data.hold)) throw new JoulekeepError('ERR_HOLD_INVALID', `${data.hold}: was released; a new hold has a new name`);
  if (isGone(state)) throw new JoulekeepError('ERR_ERASURE_BEGUN', 'nothing is left that a hold could keep');
  return [{ type: 'LegalHoldPlaced', data }];
}

/** What releases leads to a destruction that nobody takes back: two people want it. */
function releaseHold({ hold, by, at }: Extract<ErasureCommand, { type: 'ReleaseHold' }>, state: ErasureState): ErasureEvent[] {
  if (state.released.has(hold)) return [];
  const placed = state.holds.get(hold);
  if (placed === undefined) throw new JoulekeepError('ERR_HOLD_UNKNOWN', `${hold}: there is no such hold`);
  if (placed.by === by) throw new JoulekeepError('ERR_SECOND_PERSON', `${hold}: whoever placed a hold doesn't release it`);
  return [{ type: 'LegalHoldReleased', data: { hold, by, at } }];
}

function begin({ of, at }: Extract<ErasureCommand, { type: 'BeginDestruction' }>, state: ErasureState): ErasureEvent[] {
  if (state.begun[of] !== undefined) return [];
  const after = of === 'usage' ? 'access-ended' : 'erased';
  if (!isPast(state, after)) throw order(`keys of ${of} are destroyed behind ${after}`);
  checkTime(state, of, at);
  return [{ type: 'KeyDestructionBegun', data: { of, at } }];
}

function complete({ at }: { readonly at: number }, state: ErasureState): ErasureEvent[] {
  if (state.status === 'complete') return [];
  const { erased, destroyed } = state;
  if (erased === undefined || destroyed.usage === undefined || destroyed.billing === undefined)
    throw order('an erasure is complete when all keys are destroyed');
  if (at < erased.completeAt) throw new JoulekeepError('ERR_ERASURE_EARLY', 'something of it is still there');
  return [{ type: 'ErasureCompleted', data: { at } }];
}

/** @throws ERR_ERASURE_UNKNOWN, ERR_ERASURE_HELD, ERR_ERASURE_EARLY */
function checkTime(state: ErasureState, of: ErasedClass, at: number): void {
  const { holds, notBefore, deferred } = state;
  if (notBefore === undefined) throw new JoulekeepError('ERR_ERASURE_UNKNOWN', 'nobody has asked for an erasure');
  if (holds.size > 0) throw new JoulekeepError('ERR_ERASURE_HELD', `held by ${[...holds.keys()].join(', ')}`);
  const until = Math.max(notBefore, deferred[of] === undefined ? 0 : (deferred[of].until ?? Number.POSITIVE_INFINITY));
  if (at < until) throw new JoulekeepError('ERR_ERASURE_EARLY', `${of}: has to be kept for longer`);
}

const ORDER: readonly ErasureStatus[] = [
  'none',
  'requested',
  'access-ending',
  'access-ended',
  'keys-destroyed',
  'cleared',
  'erased',
  'complete',
];

function isPast({ status }: ErasureState, step: ErasureStatus): boolean {
  return ORDER.indexOf(status) >= ORDER.indexOf(step);
}

function isDue({ status }: ErasureState): boolean {
  return status !== 'none' && status !== 'complete';
}

/** Whether every key of the subject is destroyed, or about to be. */
function isGone({ begun }: ErasureState): boolean {
  return begun.usage !== undefined && begun.billing !== undefined;
}

function order(message: string): JoulekeepError {
  return new JoulekeepError('ERR_ERASURE_ORDER', message);
}

function never(value: never): never {
  throw new JoulekeepError('ERR_COMMAND_UNKNOWN', JSON.stringify(value));
}
