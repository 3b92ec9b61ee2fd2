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
