import type { EnergyCharge, ExportTerms } from '../tariff/tariff.ts';
import type { Carried } from './billing-input.ts';
import { byTier, type PricedEnergy, pricedExport, pricedImport, tradedFlows } from './energy.ts';
import { sumOf } from './flows.ts';
import { type ChargeLine, chargeLine, perThousand, whole } from './lines.ts';
import type { Stretch } from './stretch.ts';

type EnergyCredit = Carried['energyWh'];

/** Energy of a stretch in money, and the energy that stays to the account's credit. */
export interface TradedEnergy {
  readonly charges: readonly ChargeLine[];
  /** Payments for energy sent back; amounts below zero where the price is above. */
  readonly payments: readonly ChargeLine[];
  readonly credit: EnergyCredit;
}

/** What is left of one line after the other direction and the credit brought are set off. */
interface Net {
  readonly line: PricedEnergy;
  readonly nettedWh: bigint;
  readonly surplusWh: bigint;
}

/** Energy charges and export of one stretch. @param brought energy credit by line code */
export function tradeEnergy(stretch: Stretch, brought: EnergyCredit): TradedEnergy {
  const { charges, export: terms } = stretch.assignment.tariff;
  const energy = charges.filter((charge) => charge.kind === 'energy');
  if (terms?.netting === 'per-period') return tradeOverPeriod(stretch, energy, terms, brought);
  const { taken, sent } = tradedFlows(stretch, terms);
  const lines = energy.flatMap((charge) => pricedImport(charge, stretch, taken).map((priced) => energyLine(priced, charge.taxGroup)));
  const payments = terms?.pricing === undefined ? [] : pricedExport(terms.pricing, stretch, sent).map((priced) => payment(priced, terms));
  return { charges: lines, payments, credit: brought };
}

function tradeOverPeriod(stretch: Stretch, charges: readonly EnergyCharge[], terms: ExportTerms, brought: EnergyCredit): TradedEnergy {
  // Credit in energy is spent only where surplus becomes such credit; elsewhere it stays as it is.
  const spendable = terms.surplus === 'carried' ? brought : {};
  const nets = charges.map((charge) => ({ charge, nets: netLines(charge, stretch, spendable) }));
  const lines = nets.flatMap(({ charge, nets: own }) => own.flatMap((net) => netLine(net, charge.taxGroup)));
  const all = nets.flatMap(({ nets: own }) => own);
  const surplusWh = all.reduce((sum, net) => sum + net.surplusWh, 0n);
  switch (terms.surplus) {
    case 'carried': {
      const credit = { ...brought, ...Object.fromEntries(all.map((net) => [net.line.code, net.surplusWh])) };
      return { charges: lines, payments: [], credit: withoutNothing(credit) };
    }
    case 'paid': {
      const price = terms.pricing?.kind === 'flat' ? terms.pricing.priceMicroPerKWh : 0n;
      const priced = { code: 'export', energyWh: surplusWh, whTimesPrice: surplusWh * price, priceMicroPerKWh: price };
      return { charges: lines, payments: [payment(priced, terms)], credit: brought };
    }
    default:
      return { charges: lines, payments: [], credit: brought };
  }
}

function netLines(charge: EnergyCharge, stretch: Stretch, brought: EnergyCredit): readonly Net[] {
  const { pricing, code } = charge;
  const { taken, sent } = tradedFlows(stretch, undefined);
  if (pricing.kind === 'tiers') return netTiers(charge, stretch, brought[`energy/${code}`] ?? 0n);
  const sentLines = new Map(pricedImport(charge, stretch, sent).map((line) => [line.code, line.energyWh]));
  return pricedImport(charge, stretch, taken).map((line) => {
    const against = (sentLines.get(line.code) ?? 0n) + (brought[line.code] ?? 0n);
    const net = line.energyWh - against;
    const energyWh = net > 0n ? net : 0n;
    const price = line.priceMicroPerKWh ?? 0n;
    return {
      line: { ...line, energyWh, whTimesPrice: energyWh * price },
      nettedWh: line.energyWh - energyWh,
      surplusWh: net < 0n ? -net : 0n,
    };
  });
}

/** Tiers have one sum to set off; its surplus stands under the charge's own code. */
function netTiers({ pricing, code }: EnergyCharge, stretch: Stretch, brought: bigint): readonly Net[] {
  if (pricing.kind !== 'tiers') return [];
  const { taken, sent } = tradedFlows(stretch, undefined);
  const [takenWh, against] = [sumOf(taken), sumOf(sent) + brought];
  const net = takenWh - against;
  const netWh = net > 0n ? net : 0n;
  const tiers = byTier(pricing, netWh, stretch.standingDays).map((line) => ({ line, nettedWh: 0n, surplusWh: 0n }));
  const whole: PricedEnergy = { code: `energy/${code}`, energyWh: 0n, whTimesPrice: 0n };
  return [...tiers, { line: whole, nettedWh: takenWh - netWh, surplusWh: net < 0n ? -net : 0n }];
}

/** The charge, and beside it how much was set off. */
function netLine({ line, nettedWh }: Net, taxGroup: string | undefined): ChargeLine[] {
  const netted = chargeLine({ code: line.code.replace(/^energy/, 'netted'), quantity: nettedWh, unit: 'Wh', exact: whole(0n) });
  const summary = line.priceMicroPerKWh === undefined;
  return [...(summary ? [] : [energyLine(line, taxGroup)]), ...(nettedWh === 0n ? [] : [netted])];
}

function energyLine({ code, energyWh, whTimesPrice, priceMicroPerKWh }: PricedEnergy, taxGroup: string | undefined): ChargeLine {
  const price = priceMicroPerKWh === undefined ? {} : { priceMicro: priceMicroPerKWh };
  return chargeLine({ code, quantity: energyWh, unit: 'Wh', ...price, exact: perThousand(whTimesPrice), taxGroup });
}

function payment(priced: PricedEnergy, { taxGroup }: ExportTerms): ChargeLine {
  return energyLine({ ...priced, whTimesPrice: -priced.whTimesPrice }, taxGroup);
}

function withoutNothing(credit: EnergyCredit): EnergyCredit {
  return Object.fromEntries(Object.entries(credit).filter(([, energyWh]) => energyWh > 0n));
}
