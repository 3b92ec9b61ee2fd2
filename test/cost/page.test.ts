import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { countForPage, findingsOf } from '../../bench/cost/findings.ts';
import { PAGE, pageOf } from '../../bench/cost/page.ts';
import { type Prices, readPrices } from '../../bench/cost/prices.ts';

const NUMBER = /\d[\d,]*(?:\.\d+)?/g;
/** Random heads and keys make bodies a few bytes longer or shorter: far less than a page's third digit, but that may be a rounding away. */
const NEAR = [1, 1 - 2e-4, 1 + 2e-4];

/** All prices a little higher or lower. */
function scaled(prices: Prices, factor: number): Prices {
  const times = <Table extends object>(table: Table) =>
    Object.fromEntries(Object.entries(table).map(([name, price]) => [name, (price as number) * factor])) as Table;
  const { perMillion, perGbMonth, perGb, perMonth } = prices;
  return { ...prices, perMillion: times(perMillion), perGbMonth: times(perGbMonth), perGb: times(perGb), perMonth: times(perMonth) };
}

/** What stands in a page and in none of those that it could be, line by line. */
function strayLines(page: string, could: readonly string[]): readonly string[] {
  const [first, ...others] = could.map((text) => text.split('\n'));
  const lines = page.split('\n');
  const at = (line: string) => line.match(NUMBER) ?? [];
  const stray = lines.filter((line, i) => {
    const alike = [first![i] ?? '', ...others.map((other) => other[i] ?? '')];
    const isText = line.replace(NUMBER, '#') === alike[0]!.replace(NUMBER, '#');
    return !isText || at(line).some((number, n) => !alike.some((other) => at(other)[n] === number));
  });
  return lines.length === first!.length ? stray : [...stray, `${lines.length} lines, ${first!.length} expected`];
}

describe(PAGE, () => {
  const page = readFileSync(new URL(`../../${PAGE}`, import.meta.url), 'utf8');
  let could: readonly string[];
  beforeAll(async () => {
    const counted = await countForPage();
    const prices = readPrices();
    could = NEAR.map((factor) => pageOf(findingsOf(counted, scaled(prices, factor))));
  }, 240_000);

  it('says what `npm run cost` would write now: run it when this fails', () => {
    expect(strayLines(page, could)).toEqual([]);
  });

  it('a number that somebody altered is found, by the last digit too', () => {
    const numbers = [...page.matchAll(NUMBER)];
    expect(numbers.length).toBeGreaterThan(150);
    const unseen = numbers.filter(({ 0: number, index }) => {
      const last = Number(number.at(-1));
      const altered = `${number.slice(0, -1)}${(last + 5) % 10}`;
      return strayLines(page.slice(0, index) + altered + page.slice(index + number.length), could).length === 0;
    });
    expect(unseen.map(({ input, index }) => input!.slice(index - 20, index + 10))).toEqual([]);
  });

  it('a word, a line too many and a line too few are found', () => {
    expect(strayLines(page.replace('USD', 'EUR'), could)).toHaveLength(1);
    expect(strayLines(`${page}\n`, could)).not.toEqual([]);
    expect(strayLines(page.slice(0, page.lastIndexOf('\n', page.length - 2)), could)).not.toEqual([]);
  });
});
