/** What is known of one slot: its end (UTC s), counts in it and register at its end; -1 = not known. */
export interface RegisterStep {
  readonly end: number;
  readonly counts: number;
  readonly register: number;
}

/**
 * The register at the end of a slot: as the meter said it, else between the nearest registers around, by the energy of the slots
 * (as far as all of them have a value), else by time.
 * @param steps ends rising, one per slot; the first may be of no slot but the begin of the first day
 * @param instant UTC s @param modulus counts at which the register rolls over
 * @returns counts; undefined where no register is known on one of the sides
 */
export function registerAt(steps: readonly RegisterStep[], instant: number, modulus: number): number | undefined {
  const at = steps.findIndex(({ end }) => end === instant);
  if (at >= 0 && steps[at]!.register >= 0) return steps[at]!.register;
  const before = steps.findLastIndex(({ end, register }) => end < instant && register >= 0);
  const after = steps.findIndex(({ end, register }) => end > instant && register >= 0);
  if (at < 0 || before < 0 || after < 0) return undefined;
  const from = steps[before]!;
  const to = steps[after]!;
  const moved = (to.register - from.register + modulus) % modulus;
  const between = steps.slice(before + 1, after + 1);
  const total = between.reduce((sum, { counts }) => sum + counts, 0);
  const known = total > 0 && between.every(({ counts }) => counts >= 0);
  const until = between.filter(({ end }) => end <= instant).reduce((sum, { counts }) => sum + counts, 0);
  const share = known ? until / total : (instant - from.end) / (to.end - from.end);
  return (from.register + Math.round(moved * share)) % modulus;
}
