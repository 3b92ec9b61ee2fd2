import { Command, Option } from 'commander';
import type { ExceptionPage, ExceptionRow } from '../../api/exceptions.ts';
import { type ApiOptions, withApi, withApiOptions } from '../api-calls.ts';
import { counted } from '../texts/counted.ts';

interface ListOptions extends ApiOptions {
  readonly from?: string;
  readonly until?: string;
  readonly status?: string;
  readonly cause?: string;
  readonly area?: string;
  readonly assignee?: string;
  readonly olderThan?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

/** `joulekeep exception list`, `exception show` and `exception assign`. */
export function exceptionCommand(): Command {
  const list = new Command('list')
    .description('days that a person should look at, oldest first; one outage is one row')
    .option('--from <day>', 'first local date (45 days ago)')
    .option('--until <day>', 'first local date after (tomorrow)')
    .addOption(new Option('--status <status>', 'only rows that stand so').choices(['open', 'assigned', 'closed']))
    .option('--cause <text>', 'only causes that begin so, e.g. rule/V15, outage, gap')
    .option('--area <leaf>', 'only meters of this area')
    .option('--assignee <name>', 'only rows of this person')
    .option('--older-than <hours>', 'only rows at least so old')
    .option('--limit <n>', 'rows at most (50)')
    .option('--cursor <text>', 'go on where a page ended')
    .action(listRows);
  const show = new Command('show')
    .description('a row with the meter days it is about')
    .argument('<row>', 'first line of a row of exception list, e.g. rule/V08@2026-01-14')
    .action(showRow);
  const assign = new Command('assign')
    .description('give a row to a person, or take it from whoever has it')
    .argument('<row>', 'first line of a row of exception list, e.g. rule/V08@2026-01-14')
    .option('--to <name>', 'who shall look after it; without it, nobody')
    .action(assignRow);
  const command = new Command('exception').description('the queue of days that a person should look at');
  for (const one of [list, show, assign]) command.addCommand(withApiOptions(one));
  return command;
}

async function listRows(options: ListOptions): Promise<void> {
  const { from, until, status, cause, area, assignee, olderThan, limit, cursor } = options;
  const query = { from, until, status, cause, area, assignee, olderThanHours: olderThan, limit, cursor };
  const { body } = await withApi(options, (call) => call({ method: 'GET', path: '/v1/exceptions', query }));
  const page = body as ExceptionPage;
  if (options.json) return void process.stdout.write(`${JSON.stringify(page)}\n`);
  for (const row of page.rows) process.stdout.write(rowText(row));
  if (page.rows.length === 0) process.stdout.write('nothing\n');
  if (page.cursor !== undefined) process.stdout.write(`more: --cursor ${page.cursor}\n`);
}

async function showRow(row: string, options: ApiOptions): Promise<void> {
  const { body } = await withApi(options, (call) => call({ method: 'GET', path: `/v1/exceptions/${rowId(row)}` }));
  write(body as ExceptionRow, options);
}

async function assignRow(row: string, options: ApiOptions & { readonly to?: string }): Promise<void> {
  const path = `/v1/exceptions/${rowId(row)}/assignee`;
  const { body } = await withApi(options, (call) => call({ method: 'POST', path, body: { to: options.to ?? null } }));
  write(body as ExceptionRow, options);
}

function write(row: ExceptionRow, { json }: ApiOptions): void {
  if (json) return void process.stdout.write(`${JSON.stringify(row)}\n`);
  process.stdout.write(rowText(row));
  for (const { meterId, usagePoint, day, status, slots, proposedBy } of row.exceptions) {
    const waits = proposedBy === undefined ? '' : `  proposed by ${proposedBy}`;
    process.stdout.write(`  ${meterId}  ${day.padEnd(12)}  ${usagePoint}  ${status}  ${counted(slots, 'slot')}${waits}\n`);
  }
  if (row.more > 0) process.stdout.write(`  and ${row.more} more\n`);
}

/** What a row goes by at the API, from what it is called here; an id of the API stays as it is. */
function rowId(row: string): string {
  return row.includes('/') ? Buffer.from(row.replace('@', ' ')).toString('base64url') : row;
}

/** What a row is about, such as `outage/2026-01-14T07:00Z` or `rule/V08@2026-01-14`. */
function rowTitle(row: string): string {
  return Buffer.from(row, 'base64url').toString().replace(' ', '@');
}

function rowText({ row, cause, days, meters, status, oldest, assignee }: ExceptionRow): string {
  const span = days.length === 1 ? days[0]! : `${days[0]} to ${days.at(-1)}`;
  const who = assignee === undefined ? '' : `  ${assignee}`;
  return `${rowTitle(row)}\n  ${cause}  ${span}  ${counted(meters, 'meter')}  ${status}${who}  since ${oldest}\n`;
}
