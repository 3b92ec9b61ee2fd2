import { beforeEach, describe, expect, it } from 'vitest';
import { ago, duration, energy, energyExact, money, percent, power, price, time, timeWithZone } from '../../web/shared/format.ts';
import { language, locale, takeLanguages } from '../../web/shared/i18n.ts';

/** Spaces that do not break are spaces. */
const plain = (text: string) => text.replaceAll(/\s/g, ' ');

describe('numbers as people read them', () => {
  beforeEach(() => takeLanguages(['en-GB'], null));

  it('say energy with fewer decimals as it grows', () => {
    expect([energy(0), energy(9_994), energy(12_345), energy(123_456)]).toEqual(['0.00 kWh', '9.99 kWh', '12.3 kWh', '123 kWh']);
    expect([energyExact(77), energyExact(-1), energyExact(123_456)]).toEqual(['0.077 kWh', '-0.001 kWh', '123.456 kWh']);
    expect(power(3_215)).toBe('3.22 kW');
  });

  it('say money from micro-units exactly, however much it is', () => {
    expect(money('1230000', 'EUR')).toBe('€1.23');
    expect(money('-1230000', 'EUR', { signed: true })).toBe('-€1.23');
    expect(money('900719925474099312345678', 'EUR')).toBe('€900,719,925,474,099,312.35');
    expect(money(4_000_000n, 'JPY')).toBe('JP¥4');
  });

  it('say a price to a hundredth of a cent', () => {
    expect([price(284_100, 'EUR'), price(-20_050, 'EUR'), price(206_449, 'EUR', 3)]).toEqual(['€0.2841', '-€0.0201', '€0.206']);
  });

  it('follow the language, and the region that the browser names with it', () => {
    takeLanguages(['fr-CH', 'de-AT', 'en-US'], null);
    expect([language.value, locale.value]).toEqual(['fr', 'fr-CH']);
    language.value = 'de';
    expect(locale.value).toBe('de-AT');
    expect(plain(money('1230000', 'EUR'))).toBe('€ 1,23');
    takeLanguages(['es-ES'], 'de');
    expect([plain(energy(1_234)), plain(percent(0.083)), plain(money('-500000', 'EUR'))]).toEqual(['1,23 kWh', '8 %', '-0,50 €']);
  });

  it('say times of the home, and name the clock of an hour that comes twice', () => {
    const [first, second] = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'];
    expect([time(first, { zone: 'Europe/Berlin' }), time(second, { zone: 'Europe/Berlin' })]).toEqual(['02:30', '02:30']);
    expect(timeWithZone(first, { zone: 'Europe/Berlin' })).not.toBe(timeWithZone(second, { zone: 'Europe/Berlin' }));
  });

  it('say spans and ages', () => {
    expect([duration(90), duration(120), duration(0)]).toEqual(['1 hr 30 mins', '2 hrs', '0 mins']);
    const now = Date.UTC(2026, 5, 10);
    expect([ago(now - 20_000, now), ago(now - 5 * 60_000, now), ago(now - 3 * 3_600_000, now), ago(now - 50 * 3_600_000, now)]).toEqual([
      'now',
      '5 minutes ago',
      '3 hours ago',
      '2 days ago',
    ]);
  });
});
