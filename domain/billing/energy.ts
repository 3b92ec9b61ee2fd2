import { type Pricer, pricerOf, type SlotPrice, type SlotPricing } from '../tariff/pricing.ts';
import type { EnergyCharge, ExportTerms, RegisterPricing, TierPricing } from '../tariff/tariff.ts';
import { scaledTiers } from '../tariff/tiers.ts';
import type { TariffAssignment } from './billing-input.ts';
import { type Flow, type FlowDay, sumOf } from './flows.ts';
import { setOff, type Traded } from './setting-off.ts';
import { EXPORT_WH, IMPORT_WH, type Stretch } from './stretch.ts';

/** Energy of one line: how much, and what its slots cost together before rounding, in micro-currency per thousand. */
export interface PricedEnergy {
  readonly code: string;
  readonly energyWh: bigint;
  /** Sum of Wh times micro-currency per kWh. */
  readonly whTimesPrice: bigint;
  /** Absent where the line has many prices. */
  readonly priceMicroPerKWh?: bigint;
}

/** Energy lines of a charge before anything is set off over the period. */
export function pricedImport(charge: EnergyCharge, stretch: Stretch, flow: Flow): readonly PricedEnergy[] {
  const { pricing, code } = charge;
  switch (pricing.kind) {
    case 'registers':
      return byRegister(pricing, stretch);
    case 'tiers':
      return byTier(pricing, sumOf(flow), stretch.standingDays);
    default:
      return bySlot(pricing, stretch, flow, `energy/${code}`, 'energy/');
  }
}

/** Energy lines of what is sent back. */
export function pricedExport(pricing: SlotPricing, stretch: Stretch, flow: Flow): readonly PricedEnergy[] {
  return bySlot(pricing, stretch, flow, 'export', 'export/');
}

/** What is charged and what is paid, slot by slot: set off within the slot where the terms say so. */
export function tradedFlows(stretch: Stretch, terms: ExportTerms | undefined): Traded {
  const traded = { taken: stretch.flow(IMPORT_WH), sent: stretch.flow(EXPORT_WH) };
  return terms?.netting === 'per-interval' ? setOff(traded) : traded;
}

/** Energy of a band, and what it costs. */
interface BandSum {
  energyWh: bigint;
  whTimesPrice: bigint;
}

type BandSums = Map<string | undefined, BandSum>;

function bySlot(pricing: SlotPricing, { assignment }: Stretch, flow: Flow, single: string, prefix: string): readonly PricedEnergy[] {
  const price = pricerOf(pricing, assignment.tariff.calendar, assignment.series);
  const sums: BandSums = new Map();
  for (const day of flow) {
    for (const [band, { energyWh, whTimesPrice }] of pricedOnce(day, pricing, assignment, price)) add(sums, band, energyWh, whTimesPrice);
  }
  return emptyLines(pricing, single, prefix).map(({ band, line }) => ({ ...line, ...sums.get(band) }));
}

interface PricedDay {
  readonly series: TariffAssignment['series'];
  readonly sums: BandSums;
}

/** A day is priced once, however often a period is rated that it is a day of: with others to come, or up to it alone. */
const pricedDays = new WeakMap<FlowDay, Map<SlotPricing, PricedDay>>();

function pricedOnce(day: FlowDay, pricing: SlotPricing, { series }: TariffAssignment, price: Pricer): BandSums {
  const known = pricedDays.get(day) ?? new Map<SlotPricing, PricedDay>();
  pricedDays.set(day, known);
  const before = known.get(pricing);
  if (before?.series === series) return before.sums;
  const sums = priced(day, price);
  known.set(pricing, { series, sums });
  return sums;
}

/** Slots that follow each other mostly have one price: they are multiplied once. */
function priced({ slots }: FlowDay, price: Pricer): BandSums {
  const sums: BandSums = new Map();
  let now: SlotPrice | undefined;
  let energyWh = 0n;
  const close = () => {
    if (now !== undefined) add(sums, now.band, energyWh, energyWh * now.priceMicroPerKWh);
  };
  for (const slot of slots) {
    const next = price(slot);
    if (next !== now) {
      close();
      now = next;
      energyWh = 0n;
    }
    energyWh += slot.value;
  }
  close();
  return sums;
}

function add(sums: BandSums, band: string | undefined, energyWh: bigint, whTimesPrice: bigint): void {
  const sum = sums.get(band) ?? { energyWh: 0n, whTimesPrice: 0n };
  sum.energyWh += energyWh;
  sum.whTimesPrice += whTimesPrice;
  sums.set(band, sum);
}

/** Every band has its line, also where nothing was used. */
function emptyLines(pricing: SlotPricing, single: string, prefix: string): readonly { band?: string; line: PricedEnergy }[] {
  const nothing = { energyWh: 0n, whTimesPrice: 0n };
  switch (pricing.kind) {
    case 'flat':
      return [{ line: { ...nothing, code: single, priceMicroPerKWh: pricing.priceMicroPerKWh } }];
    case 'price-series':
      return [{ line: { ...nothing, code: single } }];
    default:
      return pricing.bands.map(({ band, priceMicroPerKWh }) => ({ band, line: { ...nothing, code: prefix + band, priceMicroPerKWh } }));
  }
}

function byRegister({ registers }: RegisterPricing, stretch: Stretch): readonly PricedEnergy[] {
  return registers.map(({ obis, band, priceMicroPerKWh }) => {
    const energyWh = sumOf(stretch.flow({ ...IMPORT_WH, obis }));
    return { code: `energy/${band}`, energyWh, whTimesPrice: energyWh * priceMicroPerKWh, priceMicroPerKWh };
  });
}

/** Blocks fill from the cheapest threshold up. */
export function byTier(pricing: TierPricing, energyWh: bigint, days: number): readonly PricedEnergy[] {
  return scaledTiers(pricing, days).map(({ band, fromWh, upToWh, priceMicroPerKWh }) => {
    const top = upToWh === undefined || energyWh < upToWh ? energyWh : upToWh;
    const inTier = top > fromWh ? top - fromWh : 0n;
    return { code: `energy/${band}`, energyWh: inTier, whTimesPrice: inTier * priceMicroPerKWh, priceMicroPerKWh };
  });
}
