/** A cell as an observer may add it up: how often each unknown (a value of a home in an interval) is in it. */
export type CellVector = ReadonlyMap<string, number>;

const PRIME = 1_000_003;

/**
 * The fewest homes about which some combination of the cells says something, by adding and subtracting any number of them any number
 * of times. Tried: every set of homes up to `most`. Undefined when no combination gets by with so few.
 * @param homeOf whose an unknown is
 */
export function fewestHomes(cells: readonly CellVector[], homeOf: (unknown: string) => string, most: number): number | undefined {
  const unknowns = [...new Set(cells.flatMap((cell) => [...cell.keys()]))];
  const people = [...new Set(unknowns.map(homeOf))];
  const all = rank(cells, unknowns);
  for (let size = 1; size <= most; size++) {
    for (const few of subsets(people, size)) {
      // Something is left when the others are struck out of the balance: it is about these few alone.
      const rest = unknowns.filter((unknown) => !few.includes(homeOf(unknown)));
      if (rank(cells, rest) < all) return size;
    }
  }
  return undefined;
}

function rank(cells: readonly CellVector[], columns: readonly string[]): number {
  const rows = cells.map((cell) => columns.map((column) => ((cell.get(column) ?? 0) + PRIME) % PRIME));
  let found = 0;
  for (let column = 0; column < columns.length && found < rows.length; column++) {
    const pivot = rows.findIndex((row, i) => i >= found && row[column] !== 0);
    if (pivot < 0) continue;
    [rows[found], rows[pivot]] = [rows[pivot]!, rows[found]!];
    const inverse = power(rows[found]![column]!, PRIME - 2);
    for (let i = found + 1; i < rows.length; i++) {
      const factor = (rows[i]![column]! * inverse) % PRIME;
      if (factor !== 0) rows[i] = rows[i]!.map((value, at) => (value + PRIME - ((factor * rows[found]![at]!) % PRIME)) % PRIME);
    }
    found++;
  }
  return found;
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let left = exponent, square = base % PRIME; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

function* subsets(of: readonly string[], size: number): Generator<readonly string[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (const [i, first] of of.entries()) {
    for (const rest of subsets(of.slice(i + 1), size - 1)) yield [first, ...rest];
  }
}
