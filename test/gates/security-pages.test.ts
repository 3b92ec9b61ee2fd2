import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { X1332_ROWS } from '../../tools/x1332-rows.ts';
import { ROOT } from './plant.ts';

const PAGES = globSync('docs/security/*.md', { cwd: ROOT });
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const rowsIn = (text: string) => [...text.matchAll(/\b(?:T8|R9|C10)(?:\.\d)?-P?\d+\b/g)].map(([row]) => row);
const known = new Set(X1332_ROWS.map(({ id }) => id));

describe('the pages on security', () => {
  it.each(PAGES)('%s names rows that exist', (page) => {
    expect(rowsIn(read(page)).filter((row) => !known.has(row))).toEqual([]);
  });

  it('take up every row of the Recommendation', () => {
    const named = new Set([...rowsIn(read('docs/security/threat-model.md')), ...rowsIn(read('docs/security/standards.md'))]);
    expect([...known].filter((row) => !named.has(row))).toEqual([]);
    expect(known.size).toBe(51);
  });

  it('name what is left for every threat', () => {
    const tables = read('docs/security/threat-model.md').split('\n## ').slice(2);
    const threats = tables.flatMap((table) => table.split('\n').filter((line) => /^\| (?!threat|---)/.test(line)));
    expect(threats.length).toBeGreaterThan(35);
    for (const line of threats)
      expect(
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim() !== ''),
      ).toEqual([true, true, true, true]);
  });
});
