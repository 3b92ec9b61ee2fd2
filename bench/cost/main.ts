import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ASSUMED } from './assumptions.ts';
import type { Estimate } from './estimate.ts';
import { count, countForPage, estimatesOf, findingsOf, INTERVALS, SIZES } from './findings.ts';
import { goalsOf } from './goals.ts';
import { PAGE, pageOf } from './page.ts';
import { readPrices } from './prices.ts';
import { tableOf } from './table.ts';

const HELP = `npm run cost                    plays a day at 15 and 5 minutes, prices it, writes ${PAGE}
npm run cost -- --meters N      meters of the deployment; writes no page
npm run cost -- --interval N    minutes of an interval: 5, 15, 30 or 60; writes no page
npm run cost -- --prices FILE   JSON with the prices that differ from bench/cost/prices.json; writes no page
npm run cost -- --tracing T     tracing of the stage: requests or everything; writes no page
npm run cost -- --json          estimates with their goals on standard output
npm run cost -- --help

The exit code says whether the count ran, not whether a goal holds.
`;

try {
  await main();
} catch (error) {
  process.stderr.write(`cost: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { meters: text, interval: text, prices: text, tracing: text, json: flag, help: flag };
  const { values } = parseArgs({ options });
  if (values.help) return void process.stdout.write(HELP);
  const prices = readPrices(values.prices);
  const sizes = values.meters === undefined ? SIZES : [wholeNumber('meters', values.meters)];
  const intervals = values.interval === undefined ? INTERVALS : [intervalOf(values.interval)];
  const tracing = tracingOf(values.tracing ?? ASSUMED.tracing);
  const isWhole = [values.meters, values.interval, values.prices, values.tracing].every((given) => given === undefined);
  const whole = isWhole ? await countForPage(say) : undefined;
  const counted = whole ?? (await count(intervals, say));
  if (whole !== undefined) writeFileSync(join(import.meta.dirname, '../..', PAGE), pageOf(findingsOf(whole, prices)));
  const estimates = estimatesOf(counted, sizes, prices, tracing);
  process.stdout.write(values.json ? `${JSON.stringify(estimates.map(withGoals), null, 2)}\n` : estimates.map(tableOf).join('\n'));
}

function say(what: string): void {
  process.stderr.write(`playing ${what} ...\n`);
}

function withGoals(one: Estimate): Estimate & { readonly goals: ReturnType<typeof goalsOf> } {
  return { ...one, goals: goalsOf(one) };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`--${name} takes a whole number, not ${text}`);
  return value;
}

function intervalOf(text: string): number {
  const minutes = wholeNumber('interval', text);
  if (![5, 15, 30, 60].includes(minutes)) throw new TypeError(`--interval takes 5, 15, 30 or 60, not ${text}`);
  return minutes;
}

function tracingOf(text: string): 'requests' | 'everything' {
  if (text !== 'requests' && text !== 'everything') throw new TypeError(`--tracing takes requests or everything, not ${text}`);
  return text;
}
