import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { daysOf } from '../../domain/billing/period-calendar.ts';
import { loadSeries } from '../../lambdas/billing/series-file.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import { describeShared, sharedPath } from '../support/shared.ts';
import { dayOf, LONDON, midnight, statementOf } from './given-period.ts';

const MONTHS = [
  { from: '2013-03-01', until: '2013-04-01' },
  { from: '2013-06-01', until: '2013-07-01' },
  { from: '2013-10-01', until: '2013-11-01' },
];
const HUNDREDTHS_OF_A_PENNY: Readonly<Record<string, bigint>> = { Normal: 1_176n, Low: 399n, High: 6_720n };

function lines(relative: string): string[] {
  return gunzipSync(readFileSync(sharedPath(relative)))
    .toString()
    .trim()
    .split('\n');
}

function tariff(name: string) {
  return loadTariff(readFileSync(fileURLToPath(new URL(`../../tariffs/${name}.json`, import.meta.url)), 'utf8'), name).tariff;
}

describeShared('a London home at the tariffs of the trial', 'data/london-2013/homes.csv.gz', (path) => {
  const home = 1;
  const rows = lines('data/london-2013/homes.csv.gz')
    .slice(1)
    .map((line) => line.split(','));
  const whAt = new Map(rows.map((row) => [Date.parse(row[0]!) / 1000, Number(row[home])]));
  const bands = loadSeries(gunzipSync(readFileSync(path.replace('homes', 'tou-bands'))).toString(), 'bands');
  // The same sum the plain way: the clock of London is asked through Intl, prices are hundredths of a penny.
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: LONDON, dateStyle: 'short', timeStyle: 'short' });
  const bandAt = new Map(
    lines('data/london-2013/tou-bands.csv.gz')
      .slice(1)
      .map((line) => [line.slice(0, 16).replace('T', ' '), line.split(',')[1]!]),
  );

  it.each(MONTHS)('pays in the month from $from what its half-hours cost one by one', ({ from, until }) => {
    const [begin, end] = [midnight(from, LONDON), midnight(until, LONDON)];
    const days = daysOf({ from, until }).map((date) => dayOf(date, [{ slot: (_, i) => whAt.get(midnight(date, LONDON) + i * 1800)! }]));
    let [energy, cost] = [0n, 0n];
    for (let at = begin; at < end; at += 1800) {
      const wh = BigInt(whAt.get(at)!);
      energy += wh;
      cost += wh * HUNDREDTHS_OF_A_PENNY[bandAt.get(clock.format(at * 1000))!]!;
    }
    expect(energy).toBeGreaterThan(100_000n);

    const flat = statementOf({ from, until, days, tariff: tariff('london-flat') });
    expect(flat.lines[0]?.quantity).toBe(String(energy));
    expect(flat.totalMicro).toBe(String(rounded(energy * 14_228n, 100n)));

    const dynamic = statementOf({ from, until, days, tariff: tariff('london-dynamic'), series: { 'london-bands': bands } });
    expect(dynamic.lines.map(({ code }) => code)).toEqual(['energy/Normal', 'energy/Low', 'energy/High']);
    // Three lines, each rounded by at most half a unit.
    const difference = BigInt(dynamic.totalMicro) * 10n - cost;
    expect(difference >= -15n && difference <= 15n).toBe(true);
    expect(dynamic.importWh).toBe(String(energy));
  });
});

function rounded(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
