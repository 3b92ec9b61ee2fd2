import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { beginOnLargePages } from '../bin/terminal/large-pages.ts';
import { areaTotals } from './area-totals.ts';
import { audiences } from './audiences.ts';
import { closeDay } from './close-day.ts';
import { durableIngest } from './durable-ingest.ts';
import { eventStore } from './event-store.ts';
import { growth } from './growth.ts';
import { hotPath } from './hot-path.ts';
import type { Result } from './measure.ts';
import { PAGE, pageOf } from './page.ts';
import { customers } from './portal/customers.ts';
import { firstView } from './portal/first-view.ts';
import { projecting } from './projecting.ts';
import { rebuilding } from './recovery-rebuild.ts';
import { restarting } from './recovery-restart.ts';
import { table } from './table.ts';
import { validation } from './validation.ts';
import { verifying } from './verify.ts';
import { wholeService } from './whole-service.ts';

const HELP = `npm run bench                  measures everything, writes ${PAGE}
npm run bench -- --only NAME   hot-path, durable-ingest, event-store, growth, validation, close-day, projecting, area-totals, audiences, customers, first-view, whole-service, verify, restart or rebuild; may be repeated; writes no page
npm run bench -- --json        one array of {name, value, unit, goal, holds} on standard output
npm run bench -- --help

The exit code says whether the measurement ran, not whether a goal holds.
`;

const MEASUREMENTS: Readonly<Record<string, () => Promise<Result[]>>> = {
  'hot-path': () => hotPath(81),
  'durable-ingest': () => durableIngest(3),
  'event-store': () => eventStore(15),
  growth: () => growth(2),
  validation: () => validation(401),
  'close-day': () => closeDay(12),
  projecting: () => projecting(36_000, 5),
  audiences: () => audiences(20, 1_000),
  'area-totals': () => areaTotals(1_000_000, 5),
  verify: () => verifying(1_000_000),
  customers: () => customers(20),
  'first-view': () => firstView(5),
  'whole-service': () => wholeService(100_000, 6),
  restart: () => restarting(1_000_000),
  rebuild: () => rebuilding(10_000_000),
};

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

async function main(): Promise<void> {
  const options = { only: { type: 'string', multiple: true }, json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ options });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  beginOnLargePages();
  const names = values.only ?? Object.keys(MEASUREMENTS);
  const unknown = names.find((name) => !(name in MEASUREMENTS));
  if (unknown !== undefined) throw new TypeError(`no measurement is named ${unknown}; there are ${Object.keys(MEASUREMENTS).join(', ')}`);
  const results: Result[] = [];
  const failed: string[] = [];
  for (const name of names) {
    // Else its own process says so.
    if (names.length === 1) process.stderr.write(`measuring ${name} ...\n`);
    try {
      results.push(...(await (names.length === 1 ? MEASUREMENTS[name]!() : inItsOwnProcess(name))));
    } catch (error) {
      failed.push(name);
      process.stderr.write(`  ${name} failed: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : table(results));
  if (failed.length > 0) throw new Error(`no result of ${failed.join(', ')}; what was measured is above, and no page was written`);
  if (values.only === undefined) writeFileSync(join(import.meta.dirname, '..', PAGE), pageOf(results));
}

/** The heap that one measurement leaves behind would slow the next. */
async function inItsOwnProcess(name: string): Promise<Result[]> {
  const args = [...process.execArgv, import.meta.filename, '--only', name, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error('its process ended without a result');
  return JSON.parse(said) as Result[];
}
