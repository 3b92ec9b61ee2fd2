import type { ExceptionGroup } from '../../lambdas/project/exceptions.ts';
import { countedReasons, coveredLines, heldText } from '../texts/bill-text.ts';
import type { Closing } from './closing.ts';

/** Rows of a list before the rest is only counted. */
const SHOWN = 8;

export function writeClosing(closing: Closing | undefined, say: (line: string) => void): void {
  if (closing === undefined) return;
  const { window, days, readingsWh } = closing;
  const { slots } = days;
  say('');
  say(`Days of ${window.from} to ${window.until}, the last excluded`);
  say(`  closed    ${number(days.final)} final, ${number(days.provisional)} provisional; ${number(days.held)} held`);
  say(
    `  slots     ${number(slots.measured)} measured, ${number(slots.estimated)} estimated, ${number(slots.held)} held, ${number(slots.missing)} missing`,
  );
  const mark = days.recordsWh === readingsWh ? 'reconciles' : 'DOES NOT RECONCILE';
  say(`  energy    ${number(readingsWh)} Wh of readings, ${number(days.recordsWh)} Wh in days   ${mark}`);
  writeExceptions(closing.exceptions, say);
  writeBills(closing, say);
}

function writeExceptions(groups: readonly ExceptionGroup[], say: (line: string) => void): void {
  const open = groups.filter(({ status }) => status !== 'closed');
  say('');
  say(`Exceptions: ${number(open.length)} open of ${number(groups.length)}, an outage or a cause of one day each`);
  for (const { cause, days, meters } of open.slice(0, SHOWN))
    say(`  ${cause.padEnd(24)} ${days[0]}  ${number(meters).padStart(6)} ${meters === 1 ? 'meter' : 'meters'}`);
  if (open.length > SHOWN) say(`  and ${number(open.length - SHOWN)} more`);
}

function writeBills({ bills }: Closing, say: (line: string) => void): void {
  if (bills === undefined) return;
  const { totals, held, failed } = bills;
  const money = Object.entries(totals.totalMicro).map(([currency, micro]) => `${amount(micro)} ${currency}`);
  say('');
  say(`Bills of ${bills.period.from} to ${bills.period.until}, the last excluded`);
  const homes = bills.issued + bills.unchanged + held.length + bills.covered.length + failed.length;
  say(`  homes     ${number(homes)} with a tenant; what a vacant home uses is the utility's own`);
  say(
    totals.bills === 0
      ? '  issued    none'
      : `  issued    ${number(totals.bills)} over ${number(Number(totals.importWh))} Wh: ${money.join(', ')}`,
  );
  say(`  held      ${heldText(held)}`);
  for (const line of coveredLines(bills)) say(`  ${line}`);
  for (const { account, code } of failed.slice(0, SHOWN)) say(`  NOT RATED ${account}: ${code}`);
}

/** What the closed books add to the one JSON object of `--once --json`: null where no whole local day was played or billed. */
export function closingSummary(closing: Closing | undefined) {
  if (closing === undefined) return { days: null, exceptions: null, bills: null };
  const { window, days, readingsWh, exceptions, bills } = closing;
  const { slots, ...states } = days;
  return {
    days: { ...window, ...states, slots, readingsWh },
    exceptions: { open: exceptions.filter(({ status }) => status !== 'closed').length, all: exceptions.length },
    bills: bills === undefined ? null : billsSummary(bills),
  };
}

function billsSummary({ period, issued, unchanged, held, covered, failed, totals }: NonNullable<Closing['bills']>) {
  const { importWh, exportWh, totalMicro } = totals;
  const counts = { issued, unchanged, held: held.length, covered: covered.length, failed: failed.length };
  return { ...period, ...counts, why: countedReasons(held), importWh, exportWh, totalMicro };
}

const number = (value: number): string => value.toLocaleString('en');

/** Whole cents of micro-currency, rounded down: a sum for the eye. */
function amount(micro: string): string {
  const cents = BigInt(micro) / 10_000n;
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}
