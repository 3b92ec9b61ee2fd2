/** One line of a measurement's result. `holds` is absent where there is no goal. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
  readonly holds?: boolean;
}

/** Rounds before the clock counts: the engine has compiled what it will. */
export const WARM_UP = 10;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function percentile(values: readonly number[], of: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * of) / 100) - 1)]!;
}

/** Microseconds per unit of two ways to do something, measured in turn so that both see the same machine. Medians. */
export function interleaved(
  rounds: number,
  units: number,
  first: () => void,
  second: () => void,
): { first: number; second: number; ratio: number } {
  const timed = (work: () => void) => {
    const start = performance.now();
    work();
    return ((performance.now() - start) * 1000) / units;
  };
  for (let warm = 0; warm < WARM_UP; warm++) {
    first();
    second();
  }
  const firsts: number[] = [];
  const seconds: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    firsts.push(timed(first));
    seconds.push(timed(second));
    ratios.push(firsts.at(-1)! / seconds.at(-1)!);
  }
  return { first: median(firsts), second: median(seconds), ratio: median(ratios) };
}

export function atMost(name: string, value: number, unit: string, goal: number): Result {
  return { name, value, unit, goal: `<= ${goal}`, holds: value <= goal };
}

export function atLeast(name: string, value: number, unit: string, goal: number): Result {
  return { name, value, unit, goal: `>= ${goal}`, holds: value >= goal };
}
