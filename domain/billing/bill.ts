import {
  type BillComputed,
  type BillEvent,
  type BillHeld,
  type BillHoldReason,
  type BillStatement,
  type DomainEvent,
  type HeldRating,
  JoulekeepError,
} from '../../events/index.ts';
import type { BillCommand, RecordBill } from './bill-command.ts';
import { canonical } from './canonical.ts';
import { sumOfLines } from './lines.ts';

const DAY_MS = 86_400_000;

/** Reasons that make a bill one on estimates, once its hold has ended: nobody's word replaces what days lack. */
export const OF_DATA: readonly BillHoldReason[] = ['missing', 'estimated', 'failed', 'not-final'];

export interface BillState {
  /** As it last went out. */
  readonly billed?: Billed;
  /** Since then, or before the first. */
  readonly held?: BillHeld;
  /** Energy a review compares with: as first issued or as a person last let it go, so that small steps add up. */
  readonly reviewed?: BillStatement;
  /** What each re-rating changed; a later bill settles it as a true-up. */
  readonly reratings: readonly { readonly revision: number; readonly differenceMicro: bigint }[];
}

export interface Billed {
  readonly statement: BillStatement;
  readonly revision: number;
  /** When it last went out, by the latest clock that any revision had, UTC ms. */
  readonly at: number;
  /** Who let its estimated demand go; holds as long as its days are the same. */
  readonly demandApprovedBy?: string;
}

/**
 * Decider of stream `bill/<accountId>/<usagePoint>.<first day>`: held, computed, rated again. The same input again is `[]`.
 * @throws ERR_BILL_CHANGED for an approval of another hold than there is, or of another rating
 * @source X.1332 8.3 (billing from validated data)
 */
export const bill = { initial: { reratings: [] } as BillState, decide: decideBill, evolve: evolveBill };

function decideBill(command: BillCommand, state: BillState): readonly BillEvent[] {
  const { billed } = state;
  checkApproved(command, state.held);
  if (billed !== undefined && standsOnTheSame(billed.statement, command.statement))
    return state.held === undefined ? [] : [{ type: 'BillHoldEnded', data: { reason: command.reason, at: command.at } }];
  const reasons = holdReasons(command);
  const held = holdOf(command, reasons, state.held);
  if (reasons.length > 0 && command.at < held.until) return sameHold(state.held, held) ? [] : [{ type: 'BillHeld', data: held }];
  return [issue(command, reasons, billed)];
}

/** Whoever approves has seen a hold and what the bill came to: no other one goes by that word. */
function checkApproved(command: RecordBill, held: BillHeld | undefined): void {
  if (command.ofHold === undefined) return;
  const rated = held?.rated;
  const seen = command.demandApprovedBy === undefined ? rated?.hash : (rated?.withDemand ?? rated)?.hash;
  if (held?.at !== command.ofHold || seen !== command.hash)
    throw new JoulekeepError('ERR_BILL_CHANGED', 'the bill is held for something else by now, or comes to something else');
}

/** Whether a bill went out with these. */
export function wentOut(events: readonly BillEvent[]): boolean {
  return events.some(({ type }) => type === 'BillComputed' || type === 'BillRerated');
}

function issue(command: RecordBill, reasons: readonly BillHoldReason[], billed: Billed | undefined): BillEvent {
  const { findings, reason, approvedBy, demandApprovedBy, at } = command;
  const approvals = {
    ...(approvedBy === undefined ? {} : { approvedBy }),
    ...(demandApprovedBy === undefined ? {} : { demandApprovedBy }),
  };
  const statement: BillStatement = {
    ...command.statement,
    onEstimates: reasons.some((held) => OF_DATA.includes(held)),
    ...(findings.length === 0 ? {} : { findings: findings.map(({ rule }) => rule) }),
  };
  if (billed === undefined)
    return { type: 'BillComputed', data: { ...statement, ...approvals, ...(approvedBy === undefined ? {} : { reason }), revision: 1, at } };
  const before = BigInt(billed.statement.totalMicro);
  const difference = String(BigInt(statement.totalMicro) - before);
  const change = { revision: billed.revision + 1, beforeMicro: String(before), differenceMicro: difference, reason, at };
  return { type: 'BillRerated', data: { ...statement, ...approvals, ...change } };
}

function holdReasons({ assessment, policy, findings, approvedBy }: RecordBill): readonly BillHoldReason[] {
  const { missing, failed, estimatedPerMille, notFinal, demandEstimated } = assessment;
  const reasons: [BillHoldReason, boolean][] = [
    ['missing', missing > 0],
    ['estimated', estimatedPerMille > policy.estimatedPerMilleMost],
    ['failed', failed > 0],
    ['not-final', notFinal > 0],
    ['demand-estimated', demandEstimated],
    ['review', approvedBy === undefined && findings.some(({ result }) => result === 'review')],
  ];
  return reasons.filter(([, holds]) => holds).map(([reason]) => reason);
}

/** A hold that changes does not begin anew; when it changed tells it from the one before. */
function holdOf(
  { statement, hash, withDemand, assessment, policy, at: now }: RecordBill,
  reasons: readonly BillHoldReason[],
  before: BillHeld | undefined,
): BillHeld {
  const { missing, failed, estimatedPerMille: estimatedShare } = assessment;
  const at = before === undefined ? now : Math.max(now, before.at + 1);
  const until = before?.until ?? at + policy.holdDays * DAY_MS;
  const { currency, totalMicro, importWh, exportWh } = statement;
  const energy = { ...(importWh === undefined ? {} : { importWh }), ...(exportWh === undefined ? {} : { exportWh }) };
  const rated: HeldRating = { hash, currency, totalMicro, ...energy, ...(withDemand === undefined ? {} : { withDemand }) };
  return { period: statement.period, reasons, missing, estimatedShare, failed, until, at, rated };
}

function sameHold(before: BillHeld | undefined, now: BillHeld): boolean {
  return before !== undefined && canonical({ ...before, at: 0 }) === canonical({ ...now, at: 0 });
}

/**
 * Whether two statements are rated from the same facts. What back-billing takes away depends on the day somebody asks, and is
 * no fact of the period.
 */
function standsOnTheSame(a: BillStatement, b: BillStatement): boolean {
  return canonical(factsOf(a)) === canonical(factsOf(b));
}

function factsOf({ period, inputs, tariffs, lines }: BillStatement): unknown {
  const own = lines.filter(({ code }) => code !== 'back-billing' && code !== 'credit/carried');
  return { period, inputs, tariffs, lines: own, sum: String(sumOfLines(own)) };
}

function evolveBill(state: BillState, event: DomainEvent): BillState {
  switch (event.type) {
    case 'BillHeld':
      return { ...state, held: event.data };
    case 'BillHoldEnded': {
      const { held: _held, ...rest } = state;
      return rest;
    }
    case 'BillComputed':
      return { reratings: state.reratings, billed: billedBy(event.data, 0), reviewed: billedBy(event.data, 0).statement };
    case 'BillRerated': {
      const { beforeMicro: _before, differenceMicro, ...rest } = event.data;
      const rerating = { revision: rest.revision, differenceMicro: BigInt(differenceMicro) };
      const billed = billedBy(rest, state.billed?.at ?? 0);
      const before = state.billed?.statement;
      const stands = rest.approvedBy === undefined && before !== undefined && likeWithLike(before, billed.statement);
      const reviewed = stands ? (state.reviewed ?? before) : billed.statement;
      return { reratings: [...state.reratings, rerating], billed, reviewed };
    }
    default:
      return state;
  }
}

/** @param before when an earlier revision went out, UTC ms */
function billedBy(
  { revision, at, approvedBy: _by, demandApprovedBy, reason: _reason, ...statement }: BillComputed,
  before: number,
): Billed {
  return { statement, revision, at: Math.max(before, at), ...(demandApprovedBy === undefined ? {} : { demandApprovedBy }) };
}

/** Whether two statements differ in what was measured: not where estimates were replaced, or a tenancy corrected. */
export function likeWithLike(before: BillStatement, now: BillStatement): boolean {
  return !before.onEstimates && sameSpans(before, now);
}

function sameSpans({ spans }: BillStatement, { spans: others = [] }: BillStatement): boolean {
  if (spans === undefined) return true;
  return spans.length === others.length && spans.every(({ from, until }, i) => others[i]!.from === from && others[i]!.until === until);
}
