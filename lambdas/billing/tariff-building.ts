import type { Charge, ExportTerms, Pricing, Tariff, When } from '../../domain/tariff/tariff.ts';
import { type ChargeDocument, type PricingDocument, type TariffDocument, type WhenDocument, weekdayNumber } from './tariff-document.ts';

/** The typed tariff of a document that is well-formed; whether it makes sense, `tariff-check.ts` says. */
export function tariffOf(document: TariffDocument): Tariff {
  const { id, name, currency, charges, minimum, taxes = [], calendar = {}, negativeTotal = 'pay-out' } = document;
  return {
    id,
    name,
    currency,
    charges: charges.map(chargeOf),
    ...(document.export === undefined ? {} : { export: exportOf(document.export) }),
    ...(minimum === undefined ? {} : { minimum: { priceMicroPerDay: micro(minimum.perDay), ...groupOf(minimum.tax) } }),
    taxes: taxes.map(({ group, code, percent }) => ({ group, code, ratePerMillion: Number(scaled(percent, 4)) })),
    calendar: { seasons: calendar.seasons ?? [], holidays: calendar.holidays ?? [] },
    negativeTotal,
  };
}

function chargeOf(charge: ChargeDocument): Charge {
  const { code } = charge;
  const group = groupOf(charge.tax);
  switch (charge.kind) {
    case 'energy':
      return { kind: 'energy', code, pricing: pricingOf(charge.pricing), ...group };
    case 'standing':
      return { kind: 'standing', code, priceMicroPerDay: micro(charge.perDay), ...group };
    case 'demand': {
      const of = charge.of === 'kW' ? 'Wh' : 'VAh';
      const when = charge.when === undefined ? {} : { when: whenOf(charge.when) };
      return {
        kind: 'demand',
        code,
        demandMinutes: charge.minutes,
        of,
        priceMicroPerKW: micro(charge.price),
        per: charge.per,
        ...when,
        ...group,
      };
    }
    case 'reactive':
      return { kind: 'reactive', code, priceMicroPerKvarh: micro(charge.perKvarh), freePerMille: charge.freePerMille, ...group };
  }
}

function exportOf({ netting, pricing, surplus, tax }: NonNullable<TariffDocument['export']>): ExportTerms {
  return {
    netting,
    ...(pricing === undefined ? {} : { pricing: pricingOf(pricing) as NonNullable<ExportTerms['pricing']> }),
    ...(surplus === undefined ? {} : { surplus }),
    ...groupOf(tax),
  };
}

function pricingOf(pricing: PricingDocument): Pricing {
  switch (pricing.kind) {
    case 'flat':
      return { kind: 'flat', priceMicroPerKWh: micro(pricing.perKWh) };
    case 'time-of-use': {
      const rules = pricing.rules.map(({ band, when }) => ({ band, when: whenOf(when ?? {}) }));
      return { kind: 'time-of-use', bands: pricing.bands.map(priced), rules };
    }
    case 'band-series':
      return { kind: 'band-series', series: pricing.series, bands: pricing.bands.map(priced) };
    case 'price-series': {
      const { series, addPerKWh = '0', floorPerKWh, capPerKWh } = pricing;
      const floor = floorPerKWh === undefined ? {} : { floorMicroPerKWh: micro(floorPerKWh) };
      const cap = capPerKWh === undefined ? {} : { capMicroPerKWh: micro(capPerKWh) };
      return { kind: 'price-series', series, addMicroPerKWh: micro(addPerKWh), ...floor, ...cap };
    }
    case 'registers':
      return { kind: 'registers', registers: pricing.registers.map((register) => ({ obis: register.obis, ...priced(register) })) };
    case 'tiers': {
      const tiers = pricing.tiers.map(({ upToKWh, ...tier }) => ({
        ...priced(tier),
        ...(upToKWh === undefined ? {} : { upToWh: scaled(upToKWh, 3) }),
      }));
      return { kind: 'tiers', perDays: pricing.perDays, tiers };
    }
  }
}

function priced({ band, perKWh }: { band: string; perKWh: string }): { band: string; priceMicroPerKWh: bigint } {
  return { band, priceMicroPerKWh: micro(perKWh) };
}

function whenOf({ from, until, weekdays, season, holidays }: WhenDocument): When {
  return {
    ...(from === undefined ? {} : { from: minuteOf(from) }),
    ...(until === undefined ? {} : { until: minuteOf(until) }),
    ...(weekdays === undefined ? {} : { weekdays: weekdays.map(weekdayNumber) }),
    ...(season === undefined ? {} : { season }),
    ...(holidays === undefined ? {} : { holidays }),
  };
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function groupOf(tax: string | undefined): { taxGroup?: string } {
  return tax === undefined ? {} : { taxGroup: tax };
}

function micro(price: string): bigint {
  return scaled(price, 6);
}

/** Decimal text times 10^digits, exact. */
function scaled(text: string, digits: number): bigint {
  const [whole = '0', decimals = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole + decimals.padEnd(digits, '0'));
  return text.startsWith('-') ? -value : value;
}
