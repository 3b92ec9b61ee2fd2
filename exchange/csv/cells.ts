/** What a spreadsheet would run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NEUTRAL = "'";

/** A cell that a person may open in a spreadsheet: numbers as they are, text that looks like a formula behind an apostrophe. */
export function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const tame = FORMULA.test(value) || value.startsWith(NEUTRAL) ? `${NEUTRAL}${value}` : value;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}

export function row(values: readonly (string | number | null)[]): string {
  return `${values.map(cell).join(',')}\n`;
}

/** A cell as read, and where it begins (from 1). */
export interface ReadCell {
  readonly text: string;
  readonly column: number;
}

/** Cuts a line into cells; takes back what `cell` did. @returns the column of what is wrong where quotes don't match */
export function parseRow(line: string): readonly ReadCell[] | number {
  const cells: ReadCell[] = [];
  let at = 0;
  for (;;) {
    const begin = at;
    let text = '';
    if (line[at] === '"') {
      let close = line.indexOf('"', at + 1);
      while (close !== -1 && line[close + 1] === '"') close = line.indexOf('"', close + 2);
      if (close === -1) return begin + 1;
      text = line.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
      if (at < line.length && line[at] !== ',') return at + 1;
    } else {
      const comma = line.indexOf(',', at);
      const until = comma === -1 ? line.length : comma;
      text = line.slice(at, until);
      if (text.includes('"')) return begin + text.indexOf('"') + 1;
      at = until;
    }
    cells.push({ text: text.startsWith(NEUTRAL) ? text.slice(1) : text, column: begin + 1 });
    if (at >= line.length) return cells;
    at++;
  }
}
