import { availableParallelism, cpus } from 'node:os';
import { columns } from '../table.ts';
import { type Latency, type Outcome, ratioOf } from './outcome.ts';

export const PAGE = 'docs/reliability.md';

const BEGIN = '<!-- npm run chaos writes from here -->';
const END = '<!-- npm run chaos writes to here -->';
const HEADS = [
  'scenario',
  'what was done',
  'offered',
  'accepted',
  'set aside',
  'lost',
  'twice',
  'before p50/p99, ms',
  'during p50/p99, ms',
  'ratio',
  'drained after, s',
  'holds',
] as const;

/** Results for a person at a terminal: one table. */
export function table(outcomes: readonly Outcome[]): string {
  return columns([HEADS, ...outcomes.map(cells)]);
}

/** docs/reliability.md with the table put into its place. */
export function pageWith(text: string, outcomes: readonly Outcome[], minutes: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no place for the table: two lines, ${BEGIN} and ${END}`);
  return `${text.slice(0, from + BEGIN.length)}\n${section(outcomes, minutes)}${text.slice(to)}`;
}

function section(outcomes: readonly Outcome[], minutes: string): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |\n`;
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.versions.node}`;
  const day = new Date().toISOString().slice(0, 10);
  const rule = HEADS.map((_, column) => (column > 1 && column < 11 ? '---:' : '---'));
  return `Written by \`npm run chaos\` on ${day}: ${machine}, ${minutes} minutes.\n\n${[HEADS, rule, ...outcomes.map(cells)].map(line).join('')}`;
}

function cells(outcome: Outcome): string[] {
  const { scenario, done, offered, accepted, setAside, lost, twice, before, during, drained, broken } = outcome;
  const counts = [offered, accepted, setAside, lost, twice].map((value) => value.toLocaleString('en'));
  const ratio = before === undefined || during === undefined ? '' : `${times(before.p50, during.p50)} / ${times(before.p99, during.p99)}`;
  const holds = broken.length === 0 ? 'yes' : `no: ${broken.join('; ')}`;
  return [scenario, done, ...counts, pair(before), pair(during), ratio, drained.toFixed(1), holds];
}

function pair(latency: Latency | undefined): string {
  return latency === undefined ? '' : `${latency.p50.toFixed(0)} / ${latency.p99.toFixed(0)}`;
}

function times(before: number, during: number): string {
  return ratioOf(before, during).toFixed(1);
}
