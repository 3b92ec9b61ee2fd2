import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasGenerations } from '../../platform/store/key-generations.ts';
import { CA_KEYS, KMS_KEYS } from '../../topology/keys.ts';
import { QUEUES } from '../../topology/queues.ts';
import { STORAGE_DOMAINS } from '../../topology/storage.ts';
import { ASSUMED } from './assumptions.ts';
import { type Estimate, estimate } from './estimate.ts';
import { goalsOf } from './goals.ts';
import { playHandshakes } from './handshakes.ts';
import { PAGE, pageOf } from './page.ts';
import { keyCallsOf, type Played, type PlayedDay, playReadings } from './play.ts';
import { type Prices, readPrices } from './prices.ts';
import { tableOf } from './table.ts';

const HELP = `npm run cost                    plays a day at 15 and 5 minutes, prices it, writes ${PAGE}
npm run cost -- --meters N      meters of the deployment; writes no page
npm run cost -- --interval N    minutes of an interval: 5, 15, 30 or 60; writes no page
npm run cost -- --prices FILE   JSON with the prices that differ from bench/cost/prices.json; writes no page
npm run cost -- --json          estimates with their goals on standard output
npm run cost -- --help

The exit code says whether the count ran, not whether a goal holds.
`;

const SIZES = [10_000, 100_000, 1_000_000];
const INTERVALS = [15, 5];
/** Two generations of keys that have them, and the storage keys; queues that functions poll. */
const DEPLOYMENT = {
  keys: KMS_KEYS.length + KMS_KEYS.filter(hasGenerations).length + CA_KEYS.length + STORAGE_DOMAINS.length,
  queues: QUEUES.length,
};

try {
  await main();
} catch (error) {
  process.stderr.write(`cost: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({ options: { meters: text, interval: text, prices: text, json: flag, help: flag } });
  if (values.help) return void process.stdout.write(HELP);
  const prices = readPrices(values.prices);
  const sizes = values.meters === undefined ? SIZES : [wholeNumber('meters', values.meters)];
  const intervals = values.interval === undefined ? INTERVALS : [intervalOf(values.interval)];
  const handshakes = await playing('handshakes', () => playHandshakes());
  const played = new Map<number, PlayedDay>();
  for (const minutes of intervals) played.set(minutes, await playing(`a day at ${minutes} minutes`, () => playReadings(minutes)));
  const question = { handshakes, deployment: DEPLOYMENT, prices };
  const estimates = [...played].flatMap(([intervalMinutes, readings]) =>
    sizes.map((meters) => estimate({ ...question, meters, intervalMinutes, readings })),
  );
  const isWhole = values.meters === undefined && values.interval === undefined && values.prices === undefined;
  if (isWhole) await writePage(estimates, handshakes, prices);
  process.stdout.write(values.json ? `${JSON.stringify(estimates.map(withGoals), null, 2)}\n` : estimates.map(tableOf).join('\n'));
}

async function writePage(estimates: readonly Estimate[], handshakes: Played, prices: Prices): Promise<void> {
  const [intervalMinutes] = INTERVALS as [number];
  const readings = await playing('the same day taken by two in turn', () => playReadings(intervalMinutes, 2));
  const { ingestUsd } = estimate({ meters: SIZES[0]!, intervalMinutes, readings, handshakes, deployment: DEPLOYMENT, prices });
  const keyCallsPerHandshake = (handshakes.counts.get('kms.asymmetric')?.calls ?? 0) / handshakes.items;
  const half = await playing('the same day with half the meters', () =>
    playReadings(intervalMinutes, 1, ASSUMED.metersPerConcentrator / 2),
  );
  const inTurn = { intervalMinutes, usd: ingestUsd };
  const page = pageOf({ estimates, inTurn, keyCallsOfHalf: keyCallsOf(half), keyCallsPerHandshake, prices });
  writeFileSync(join(import.meta.dirname, '../..', PAGE), page);
}

function withGoals(one: Estimate): Estimate & { readonly goals: ReturnType<typeof goalsOf> } {
  return { ...one, goals: goalsOf(one) };
}

function playing<Result extends Played>(what: string, play: () => Promise<Result>): Promise<Result> {
  process.stderr.write(`playing ${what} ...\n`);
  return play();
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
