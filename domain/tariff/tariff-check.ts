import type { TariffFault } from './fault.ts';
import { duplicates, priceFaults, pricingFaults, whenFaults } from './pricing-check.ts';
import type { Charge, EnergyCharge, ExportTerms, Pricing, Tariff } from './tariff.ts';

/** What a well-formed tariff still gets wrong; empty = it can be billed from. */
export function tariffFaults(tariff: Tariff): readonly TariffFault[] {
  const { charges, minimum, calendar } = tariff;
  return [
    ...charges.flatMap((charge, i) => chargeFaults(charge, tariff, `charges[${i}]`)),
    ...nameFaults(charges),
    ...(tariff.export === undefined ? [] : exportFaults(tariff.export, tariff)),
    ...(minimum === undefined ? [] : priceFaults(minimum.priceMicroPerDay, 'minimum.perDay')),
    ...taxFaults(tariff),
    ...duplicates(
      calendar.seasons.map(({ name }, i) => ({ name, path: `calendar.seasons[${i}].name` })),
      'season',
    ),
  ];
}

function chargeFaults(charge: Charge, tariff: Tariff, path: string): readonly TariffFault[] {
  switch (charge.kind) {
    case 'energy':
      return pricingFaults(charge.pricing, tariff, `${path}.pricing`);
    case 'standing':
      return priceFaults(charge.priceMicroPerDay, `${path}.perDay`);
    case 'demand': {
      const price = priceFaults(charge.priceMicroPerKW, `${path}.price`);
      const when = charge.when === undefined ? [] : whenFaults(charge.when, tariff, `${path}.when`);
      if (60 % charge.demandMinutes === 0) return [...price, ...when];
      const remedy = 'demand is taken over 5, 10, 15, 20, 30 or 60 minutes';
      return [...price, ...when, { path: `${path}.minutes`, what: `${charge.demandMinutes} does not divide an hour`, remedy }];
    }
    case 'reactive':
      return priceFaults(charge.priceMicroPerKvarh, `${path}.perKvarh`);
  }
}

/** Every line of a bill has a name of its own. */
function nameFaults(charges: readonly Charge[]): readonly TariffFault[] {
  const codes = charges.map(({ kind, code }, i) => ({ name: `${kind}/${code}`, path: `charges[${i}].code` }));
  const energy = charges.flatMap((charge, i) => (charge.kind === 'energy' ? [{ charge, i }] : []));
  const bands = energy.flatMap(({ charge, i }) =>
    bandsOf(charge.pricing).map((band) => ({ name: band, path: `charges[${i}].pricing`, charge: i })),
  );
  const flats = energy.filter(({ charge }) => bandsOf(charge.pricing).length === 0);
  const shared = [...flats.map(({ charge, i }) => ({ name: charge.code, path: `charges[${i}].code`, charge: i })), ...bands];
  // Within one charge its own check speaks.
  const across = shared.filter(({ name, charge }, i) => shared.slice(0, i).some((other) => other.name === name && other.charge !== charge));
  const remedy = 'each band is a line of the bill and needs a name of its own';
  return [...duplicates(codes, 'charge'), ...across.map(({ name, path }) => ({ path, what: `band ${name} a second time`, remedy }))];
}

function bandsOf(pricing: Pricing): readonly string[] {
  switch (pricing.kind) {
    case 'time-of-use':
    case 'band-series':
      return pricing.bands.map(({ band }) => band);
    case 'registers':
      return pricing.registers.map(({ band }) => band);
    case 'tiers':
      return pricing.tiers.map(({ band }) => band);
    default:
      return [];
  }
}

function exportFaults(terms: ExportTerms, tariff: Tariff): readonly TariffFault[] {
  const { netting, pricing, surplus } = terms;
  const energy = tariff.charges.filter((charge) => charge.kind === 'energy');
  const faults = pricing === undefined ? [] : [...pricingFaults(pricing, tariff, 'export.pricing')];
  if (netting === 'per-period') return [...faults, ...periodFaults(terms, energy)];
  if (surplus !== undefined) {
    faults.push({ path: 'export.surplus', what: `means nothing with ${netting}`, remedy: 'it belongs to the netting per-period' });
  }
  if (pricing === undefined)
    faults.push({ path: 'export.pricing', what: 'absent', remedy: `${netting} needs a price for what is sent back` });
  if (netting === 'per-interval' && energy.some((charge) => charge.pricing.kind === 'registers')) {
    const remedy = 'use buy-all-sell-all, or price by slots';
    faults.push({ path: 'export.netting', what: 'registers of the meter can not be set off per interval', remedy });
  }
  return faults;
}

function periodFaults({ pricing, surplus }: ExportTerms, energy: readonly EnergyCharge[]): readonly TariffFault[] {
  const faults: TariffFault[] = [];
  const fault = (path: string, what: string, remedy: string) => faults.push({ path, what, remedy });
  const kind = energy[0]?.pricing.kind;
  if (energy.length !== 1)
    fault('export.netting', `per-period with ${energy.length} energy charges`, 'have exactly one to set off against');
  if (kind === 'registers' || kind === 'price-series') {
    fault('export.netting', `per-period can not set off against ${kind}`, 'use buy-all-sell-all, or another pricing');
  }
  if (surplus === undefined) fault('export.surplus', 'absent', 'say "paid", "carried" or "lapses"');
  if (surplus === 'paid' && pricing?.kind !== 'flat') fault('export.pricing', 'a paid surplus has one price', 'give a flat pricing');
  if (surplus !== 'paid' && pricing !== undefined) fault('export.pricing', 'is never used', 'remove it, or let the surplus be paid');
  return faults;
}

function taxFaults({ taxes, charges, minimum, export: terms }: Tariff): readonly TariffFault[] {
  const users: { readonly group: string | undefined; readonly path: string }[] = [
    ...charges.map(({ taxGroup }, i) => ({ group: taxGroup, path: `charges[${i}].tax` })),
    { group: minimum?.taxGroup, path: 'minimum.tax' },
    { group: terms?.taxGroup, path: 'export.tax' },
  ];
  const unknown = users.filter(({ group }) => group !== undefined && !taxes.some((tax) => tax.group === group));
  return [
    ...unknown.map(({ group, path }) => ({ path, what: `no tax for group ${group}`, remedy: 'add it under taxes, or leave "tax" out' })),
    ...duplicates(
      taxes.map(({ code }, i) => ({ name: code, path: `taxes[${i}].code` })),
      'tax',
    ),
  ];
}
