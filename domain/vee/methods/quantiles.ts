/** Weighted values of one slot in rising order; `levels` = share of the weight below the middle of each. */
export interface Spread {
  readonly values: Float64Array;
  readonly levels: Float64Array;
}

/** Less than this share of all weight is none: most of what is compared is unlike, and need not be sorted. */
const NEGLIGIBLE = 1e-6;

/** @param weights not negative, not all zero */
export function spreadOf(values: readonly number[], weights: readonly number[]): Spread {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const order: number[] = [];
  for (let i = 0; i < weights.length; i++) if (weights[i]! >= NEGLIGIBLE * total) order.push(i);
  order.sort((a, b) => values[a]! - values[b]! || a - b);
  const sorted = new Float64Array(order.length);
  const levels = new Float64Array(order.length);
  let below = 0;
  for (const [rank, i] of order.entries()) {
    sorted[rank] = values[i]!;
    levels[rank] = (below + weights[i]! / 2) / total;
    below += weights[i]!;
  }
  return { values: sorted, levels };
}

/** The value with that share of the weight below it, on straight lines between the known ones. */
export function quantile({ values, levels }: Spread, level: number): number {
  let low = 0;
  let high = levels.length - 1;
  if (level <= levels[low]!) return values[low]!;
  if (level >= levels[high]!) return values[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (levels[middle]! <= level) low = middle;
    else high = middle;
  }
  const share = (level - levels[low]!) / (levels[high]! - levels[low]!);
  return values[low]! + share * (values[high]! - values[low]!);
}

const HALVINGS = 30;

/**
 * One value per slot, all at the same level, so that they come to the total. Where a sum is given and the mean absolute error is to be
 * least, each slot lies at the same quantile of what it might be: that is the condition of the optimum.
 */
export function equalQuantiles(spreads: readonly Spread[], total: number): Float64Array {
  let low = 0;
  let high = 1;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const level = (low + high) / 2;
    let sum = 0;
    for (const spread of spreads) sum += quantile(spread, level);
    if (sum < total) low = level;
    else high = level;
  }
  return Float64Array.from(spreads, (spread) => quantile(spread, (low + high) / 2));
}
