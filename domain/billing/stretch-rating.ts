import { fraction } from '../tariff/money.ts';
import type { MinimumCharge, StandingCharge, Tax } from '../tariff/tariff.ts';
import type { Carried } from './billing-input.ts';
import { demandLine } from './demand.ts';
import { type ChargeLine, chargeLine, sumOfLines, whole } from './lines.ts';
import { tradeEnergy } from './netting.ts';
import { reactiveLine } from './reactive.ts';
import type { Stretch } from './stretch.ts';

export interface RatedStretch {
  readonly lines: readonly ChargeLine['line'][];
  readonly credit: Carried['energyWh'];
  readonly demandEstimated: boolean;
}

/** Every line of one tariff over its days: energy, fixed charges, minimum, export, taxes, in this order. */
export function rateStretch(stretch: Stretch, brought: Carried['energyWh']): RatedStretch {
  const { charges, minimum, taxes } = stretch.assignment.tariff;
  const energy = tradeEnergy(stretch, brought);
  const fixed: ChargeLine[] = [];
  let demandEstimated = false;
  for (const charge of charges) {
    if (charge.kind === 'standing') fixed.push(standingLine(charge, stretch));
    if (charge.kind === 'reactive') fixed.push(reactiveLine(charge, stretch));
    if (charge.kind === 'demand') {
      const { line, largerEstimated } = demandLine(charge, stretch);
      fixed.push(line);
      demandEstimated ||= largerEstimated;
    }
  }
  const charged = [...energy.charges, ...fixed];
  const untaxed = [...charged, ...minimumLine(minimum, charged, stretch), ...energy.payments];
  const lines = [...untaxed, ...taxes.map((tax) => taxLine(tax, untaxed))].map(({ line }) => line);
  return { lines, credit: energy.credit, demandEstimated };
}

function standingLine({ code, priceMicroPerDay: priceMicro, taxGroup }: StandingCharge, { standingDays }: Stretch): ChargeLine {
  const days = BigInt(standingDays);
  return chargeLine({ code: `standing/${code}`, quantity: days, unit: 'day', priceMicro, exact: whole(days * priceMicro), taxGroup });
}

/** What is charged, taken together, is at least so much a day; payments for export don't count against it. */
function minimumLine(minimum: MinimumCharge | undefined, charged: readonly ChargeLine[], { standingDays }: Stretch): ChargeLine[] {
  if (minimum === undefined) return [];
  const { priceMicroPerDay: priceMicro, taxGroup } = minimum;
  const days = BigInt(standingDays);
  const short = days * priceMicro - sumOfLines(charged.map(({ line }) => line));
  if (short <= 0n) return [];
  return [chargeLine({ code: 'minimum', quantity: days, unit: 'day', priceMicro, exact: whole(short), taxGroup })];
}

/** On the rounded lines, so that whoever has the bill can do the sum. */
function taxLine({ group, code, ratePerMillion }: Tax, lines: readonly ChargeLine[]): ChargeLine {
  const base = sumOfLines(lines.filter(({ taxGroup }) => taxGroup === group).map(({ line }) => line));
  return chargeLine({ code: `tax/${code}`, quantity: base, unit: 'micro', exact: fraction(base * BigInt(ratePerMillion), 1_000_000n) });
}
