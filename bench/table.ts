import type { Result } from './measure.ts';
import { figure } from './page.ts';

/** Results for a person at a terminal. */
export function table(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(({ name, value, unit, goal, holds }) => {
      const verdict = goal === undefined ? '' : `  goal ${goal}${holds ? '' : '  MISSED'}`;
      return `${name.padEnd(width)}  ${figure(value).padStart(12)} ${unit.padEnd(11)}${verdict}\n`;
    })
    .join('');
}

/** Lines of columns that stand one under the other, the first row's being their heads. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}
