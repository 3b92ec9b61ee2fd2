import { JoulekeepError } from '../../events/index.ts';
import { addDays, laterOf } from '../tariff/dates.ts';
import type { Charge, Tariff } from '../tariff/tariff.ts';
import type { BillingInput, TariffAssignment } from './billing-input.ts';
import { type Flow, type FlowKind, flowOf } from './flows.ts';
import { withStopgap } from './stopgap.ts';

/** Consecutive local dates under one version of one tariff. */
export interface Stretch {
  readonly assignment: TariffAssignment;
  /** Local dates. */
  readonly from: string;
  readonly until: string;
  /** Days for which standing charges are due and by which thresholds scale. */
  readonly standingDays: number;
  readonly calendarDays: number;
  readonly demandApproved: boolean;
  /** A quantity within these dates, with stopgaps where nothing is billable. */
  readonly flow: (kind: FlowKind) => Flow;
}

export const IMPORT_WH: FlowKind = { direction: 'import', unit: 'Wh' };
export const EXPORT_WH: FlowKind = { direction: 'export', unit: 'Wh' };

/**
 * Cuts a period where the tariff changes.
 * @throws ERR_TARIFF_MISSING when no tariff holds on the first day that is charged, ERR_CURRENCY_MIXED
 */
export function stretchesOf(input: BillingInput): readonly Stretch[] {
  const { period, tariffs, standingDays, calendarDays } = input;
  const holding = tariffs.filter(({ from }, i) => from < period.until && (tariffs[i + 1]?.from ?? period.until) > period.from);
  const first = holding[0];
  const day = firstCharged(input);
  if (first === undefined || first.from > day)
    throw new JoulekeepError('ERR_TARIFF_MISSING', `${period.usagePoint}: no tariff holds on ${day}; assign one from that day or before`);
  if (holding.some(({ tariff }) => tariff.currency !== first.tariff.currency)) {
    throw new JoulekeepError('ERR_CURRENCY_MIXED', `${period.usagePoint}: two currencies in the period of ${period.from}`);
  }
  const flow = flowsOf(input);
  return holding.map((assignment, i) => {
    const from = laterOf(assignment.from, period.from);
    const until = holding[i + 1]?.from ?? period.until;
    return {
      assignment,
      from,
      until,
      standingDays: standingDays.filter((day) => day >= from && day < until).length,
      calendarDays,
      demandApproved: input.demandApprovedBy !== undefined,
      flow: within(flow, from, until),
    };
  });
}

/** A period begins before its account where that moves in. Where nothing is charged any tariff will do: the last of the period has it. */
function firstCharged({ period, days, standingDays }: BillingInput): string {
  const charged = [...standingDays, ...days.map(({ day }) => day)].sort();
  return charged[0] ?? addDays(period.until, -1);
}

/** Quantities of the whole period, each gathered once: a stopgap looks at all of it. */
function flowsOf({ days }: BillingInput): (kind: FlowKind) => Flow {
  const gathered = new Map<string, Flow>();
  return (kind) => {
    const name = `${kind.direction} ${kind.unit} ${kind.obis ?? ''}`;
    const flow = gathered.get(name) ?? withStopgap(flowOf(days, kind));
    gathered.set(name, flow);
    return flow;
  };
}

/** The same within dates, each filtered once. */
function within(flow: (kind: FlowKind) => Flow, from: string, until: string): (kind: FlowKind) => Flow {
  const filtered = new Map<Flow, Flow>();
  return (kind) => {
    const whole = flow(kind);
    const part = filtered.get(whole) ?? whole.filter(({ day }) => day >= from && day < until);
    filtered.set(whole, part);
    return part;
  };
}

/** Quantities that a tariff can't be billed without, each once. */
export function neededFlows({ charges }: Tariff): readonly FlowKind[] {
  const kinds = charges.flatMap(kindsOf);
  return [...new Map(kinds.map((kind) => [JSON.stringify(kind), kind])).values()];
}

function kindsOf(charge: Charge): readonly FlowKind[] {
  switch (charge.kind) {
    case 'energy':
      return charge.pricing.kind === 'registers' ? charge.pricing.registers.map(({ obis }) => ({ ...IMPORT_WH, obis })) : [IMPORT_WH];
    case 'standing':
      return [];
    case 'demand':
      return [{ direction: 'import', unit: charge.of }];
    case 'reactive':
      return [IMPORT_WH, { direction: 'import', unit: 'varh' }];
  }
}
