/**
 * ES: whole counts in proportion to the weights, with exactly the total as their sum: the floor of every share, then one more for
 * those that lost most. All weights zero: even shares. Equal losses go to the earlier slot.
 * @param weights finite, not negative @param total whole, not negative @returns as many counts, or undefined when one is above the capacity
 */
export function scaleToTotal(weights: Float64Array, total: number, capacity: number): Float64Array | undefined {
  const k = weights.length;
  let sum = 0;
  for (const weight of weights) sum += weight;
  const shares = weights.map((weight) => (sum > 0 ? (total * weight) / sum : total / k));
  const counts = shares.map(Math.floor);
  let left = total;
  for (const count of counts) left -= count;
  const byLoss = Array.from(shares, (share, i) => ({ i, loss: share - counts[i]! })).sort((a, b) => b.loss - a.loss || a.i - b.i);
  for (let at = 0; left > 0; at = (at + 1) % k, left--) counts[byLoss[at]!.i]!++;
  // A share just below a whole number may have been rounded up to it; what is then too much goes back from the smallest losses.
  for (let at = k - 1; left < 0; at = at > 0 ? at - 1 : k - 1) {
    if (counts[byLoss[at]!.i]! === 0) continue;
    counts[byLoss[at]!.i]!--;
    left++;
  }
  for (const count of counts) if (count > capacity) return undefined;
  return counts;
}
