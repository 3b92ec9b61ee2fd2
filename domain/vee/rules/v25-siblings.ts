/**
 * V25: every register of the meter delivered the window. @param delivered slots with a value, per channel
 * @returns whether one has fewer than another, or than the window
 */
export function siblingsDiffer(delivered: readonly number[], window: number): boolean {
  return delivered.some((slots) => slots > 0) && delivered.some((slots) => slots < window);
}
