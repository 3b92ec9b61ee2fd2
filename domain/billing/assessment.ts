import type { BillingInput, RatedDay } from './billing-input.ts';
import { countOf, type Flow, type FlowKind, flowOf, slotsIn, sumOf, tallyOf } from './flows.ts';
import { EXPORT_WH, neededFlows, type Stretch } from './stretch.ts';

/** What of a period a bill can't stand on yet. */
export interface Assessment {
  /** Slots without a value. */
  readonly missing: number;
  /** Slots that must not be billed as they are: each by itself, or as part of a day that contradicts itself. */
  readonly failed: number;
  /** Parts per thousand of slots or of energy, whichever is more. A zero that an outage explains is no estimate. */
  readonly estimatedPerMille: number;
  readonly notFinal: number;
  /** The largest demand would come from an estimated interval, and nobody approved it. */
  readonly demandEstimated: boolean;
}

/** Looks at every quantity that the period's tariffs need while they hold, and at export where it is measured. */
export function assess(input: BillingInput, stretches: readonly Stretch[], demandEstimated: boolean): Assessment {
  const flows: Flow[] = [flowOf(input.days, EXPORT_WH)];
  let missing = uncoveredSlots(input);
  for (const { from, until, assignment } of stretches) {
    const days = input.days.filter(({ day }) => day >= from && day < until);
    for (const kind of neededFlows(assignment.tariff)) {
      const flow = flowOf(days, kind);
      flows.push(flow);
      missing += days.reduce((sum, { localMinutes }) => sum + localMinutes.length, 0) - slotsIn(flow);
    }
  }
  return {
    missing: missing + countOf(flows.flat(), 'missing'),
    failed: Math.max(countOf(flows.flat(), 'failed'), heldSlots(input)),
    estimatedPerMille: Math.max(...flows.map(estimatedPerMille)),
    notFinal: input.notFinal,
    demandEstimated,
  };
}

/** Parts per thousand of the energy that are estimated, rounded down but never to nothing. */
export function estimatedEnergyPerMille(days: readonly RatedDay[], kind: FlowKind): number {
  const flow = flowOf(days, kind);
  return perMille(estimatedIn(flow), sumOf(flow));
}

function estimatedPerMille(flow: Flow): number {
  const guesses = countOf(flow, 'estimated');
  return Math.max(perMille(BigInt(guesses), BigInt(slotsIn(flow))), perMille(estimatedIn(flow), sumOf(flow)));
}

function estimatedIn(flow: Flow): bigint {
  return flow.reduce((sum, day) => sum + tallyOf(day).estimated, 0n);
}

function perMille(part: bigint, whole: bigint): number {
  if (part === 0n || whole === 0n) return 0;
  return Math.max(1, Number((part * 1000n) / whole));
}

function heldSlots({ days }: BillingInput): number {
  return days.reduce((sum, { held, localMinutes }) => sum + (held ? localMinutes.length : 0), 0);
}

/** Slots of the account's spans for which no day came at all, in the meter's interval. */
function uncoveredSlots({ spans, days }: BillingInput): number {
  const seconds = days.reduce((sum, { localMinutes, minutes }) => sum + localMinutes.length * minutes * 60, 0);
  const due = spans.reduce((sum, { from, until }) => sum + (until - from), 0);
  const minutes = Math.min(30, ...days.map((day) => day.minutes));
  return Math.max(0, Math.ceil((due - seconds) / (minutes * 60)));
}
