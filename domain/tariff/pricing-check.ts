import { coverFaults } from './cover.ts';
import type { TariffFault } from './fault.ts';
import type { BandPrice, PriceSeriesPricing, Pricing, RegisterPricing, Tariff, TierPricing, TimeOfUsePricing, When } from './tariff.ts';

/** A million units of currency per kWh, kW or day: above it somebody mistook the unit. */
const PRICE_LIMIT = 1_000_000_000_000n;

/** What is wrong with one pricing. @param path of the pricing in the file */
export function pricingFaults(pricing: Pricing, tariff: Tariff, path: string): readonly TariffFault[] {
  switch (pricing.kind) {
    case 'flat':
      return priceFaults(pricing.priceMicroPerKWh, `${path}.perKWh`);
    case 'time-of-use':
      return timeOfUseFaults(pricing, tariff, path);
    case 'band-series':
      return bandFaults(pricing.bands, path);
    case 'price-series':
      return seriesFaults(pricing, path);
    case 'registers':
      return registerFaults(pricing, path);
    case 'tiers':
      return tierFaults(pricing, path);
  }
}

export function priceFaults(price: bigint, path: string): readonly TariffFault[] {
  if (price <= PRICE_LIMIT && price >= -PRICE_LIMIT) return [];
  return [{ path, what: 'beyond 1 000 000 units of currency', remedy: 'give the price in units of the currency, e.g. "0.14228"' }];
}

/** @param path of the part of local time in the file */
export function whenFaults({ from = 0, until = 1440, season }: When, { calendar }: Tariff, path: string): readonly TariffFault[] {
  const faults: TariffFault[] = [];
  if (from === until)
    faults.push({ path, what: 'begins and ends at the same time', remedy: 'leave "from" and "until" out for the whole day' });
  if (season !== undefined && !calendar.seasons.some(({ name }) => name === season)) {
    faults.push({ path: `${path}.season`, what: `no season ${season}`, remedy: 'define it under calendar.seasons' });
  }
  return faults;
}

/** @param names with their paths */
export function duplicates(names: readonly { readonly name: string; readonly path: string }[], what: string): readonly TariffFault[] {
  return names
    .filter(({ name }, i) => names.findIndex((other) => other.name === name) < i)
    .map(({ name, path }) => ({ path, what: `${what} ${name} a second time`, remedy: 'give each its own' }));
}

function timeOfUseFaults({ bands, rules }: TimeOfUsePricing, tariff: Tariff, path: string): readonly TariffFault[] {
  const faults = [...bandFaults(bands, path), ...rules.flatMap(({ when }, i) => whenFaults(when, tariff, `${path}.rules[${i}].when`))];
  for (const [i, { band }] of rules.entries()) {
    if (bands.some((price) => price.band === band)) continue;
    faults.push({ path: `${path}.rules[${i}].band`, what: `no price for band ${band}`, remedy: 'add it under bands' });
  }
  for (const [i, { band }] of bands.entries()) {
    if (rules.some((rule) => rule.band === band)) continue;
    faults.push({ path: `${path}.bands[${i}]`, what: `no rule leads to band ${band}`, remedy: 'add a rule, or remove the band' });
  }
  return faults.length > 0 ? faults : coverFaults(rules, tariff.calendar, `${path}.rules`);
}

function bandFaults(bands: readonly BandPrice[], path: string): readonly TariffFault[] {
  const prices = bands.flatMap(({ priceMicroPerKWh }, i) => priceFaults(priceMicroPerKWh, `${path}.bands[${i}].perKWh`));
  const names = bands.map(({ band }, i) => ({ name: band, path: `${path}.bands[${i}].band` }));
  return [...prices, ...duplicates(names, 'band')];
}

function seriesFaults(pricing: PriceSeriesPricing, path: string): readonly TariffFault[] {
  const { addMicroPerKWh, floorMicroPerKWh: floor, capMicroPerKWh: cap } = pricing;
  const faults = [...priceFaults(addMicroPerKWh, `${path}.addPerKWh`)];
  if (floor !== undefined) faults.push(...priceFaults(floor, `${path}.floorPerKWh`));
  if (cap !== undefined) faults.push(...priceFaults(cap, `${path}.capPerKWh`));
  if (floor !== undefined && cap !== undefined && floor > cap) {
    faults.push({ path: `${path}.floorPerKWh`, what: 'above capPerKWh', remedy: 'the floor is the lower of the two' });
  }
  return faults;
}

function registerFaults({ registers }: RegisterPricing, path: string): readonly TariffFault[] {
  const at = (i: number, field: string) => `${path}.registers[${i}].${field}`;
  const faults = registers.flatMap(({ priceMicroPerKWh }, i) => priceFaults(priceMicroPerKWh, at(i, 'perKWh')));
  faults.push(
    ...duplicates(
      registers.map(({ obis }, i) => ({ name: obis, path: at(i, 'obis') })),
      'register',
    ),
  );
  faults.push(
    ...duplicates(
      registers.map(({ band }, i) => ({ name: band, path: at(i, 'band') })),
      'band',
    ),
  );
  for (const [i, { obis }] of registers.entries()) {
    if (!obis.endsWith('.0') || registers.length === 1) continue;
    faults.push({
      path: at(i, 'obis'),
      what: `${obis} is a total register: its energy is in the others already`,
      remedy: 'name the tariff registers alone',
    });
  }
  return faults;
}

function tierFaults({ tiers, perDays }: TierPricing, path: string): readonly TariffFault[] {
  const at = (i: number, field: string) => `${path}.tiers[${i}].${field}`;
  const faults = tiers.flatMap(({ priceMicroPerKWh }, i) => priceFaults(priceMicroPerKWh, at(i, 'perKWh')));
  faults.push(
    ...duplicates(
      tiers.map(({ band }, i) => ({ name: band, path: at(i, 'band') })),
      'band',
    ),
  );
  if (perDays < 1) faults.push({ path: `${path}.perDays`, what: 'less than one day', remedy: 'say for how many days the thresholds are' });
  let below = 0n;
  for (const [i, { upToWh }] of tiers.entries()) {
    const last = i === tiers.length - 1;
    if (last !== (upToWh === undefined)) {
      const remedy = last ? 'leave "upToKWh" out of the last tier' : 'every tier but the last has "upToKWh"';
      faults.push({ path: at(i, 'upToKWh'), what: last ? 'the last tier has an upper end' : 'no upper end', remedy });
    } else if (upToWh !== undefined && upToWh <= below) {
      const what = upToWh <= 0n ? 'is not above 0' : 'overlaps the tier before it';
      faults.push({ path: at(i, 'upToKWh'), what, remedy: 'thresholds are above 0 and rise from tier to tier' });
    }
    below = upToWh ?? below;
  }
  return faults;
}
