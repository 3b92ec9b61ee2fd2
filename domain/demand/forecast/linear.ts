/**
 * Weighted least squares with a ridge, from sums that days are added to: fitting again costs no second look at the days behind.
 * Columns are penalised by their own spread, so that their units don't matter; the constant, the last column, is free.
 */
export class RidgeSums {
  readonly size: number;
  readonly #gram: Float64Array;
  readonly #target: Float64Array;
  #count = 0;

  constructor(size: number) {
    this.size = size;
    this.#gram = new Float64Array(size * size);
    this.#target = new Float64Array(size);
  }

  get count(): number {
    return this.#count;
  }

  /** @param x of `size`, its last 1 @param weight > 0 */
  add(x: Float64Array, y: number, weight: number): void {
    const { size } = this;
    const gram = this.#gram;
    for (let i = 0; i < size; i++) {
      const wx = weight * x[i]!;
      if (wx === 0) continue;
      const row = i * size;
      this.#target[i]! += wx * y;
      for (let j = 0; j <= i; j++) gram[row + j]! += wx * x[j]!;
    }
    this.#count++;
  }

  /** Adds what another has seen, at a share of its weight. */
  merge({ size, count, ...other }: RidgeView, share: number): void {
    for (let i = 0; i < size * size; i++) this.#gram[i]! += share * other.gram[i]!;
    for (let i = 0; i < size; i++) this.#target[i]! += share * other.target[i]!;
    this.#count += count;
  }

  view(): RidgeView {
    return { size: this.size, count: this.#count, gram: this.#gram, target: this.#target };
  }

  /** Weighted means of the columns. */
  means(): Float64Array {
    const { size } = this;
    const last = (size - 1) * size;
    return Float64Array.from({ length: size }, (_, i) => this.#gram[last + i]! / this.#gram[last + size - 1]!);
  }

  /** Coefficients, rounded to single precision so that what is recorded is what was used. @param lambda > 0 */
  solve(lambda: number): Float32Array {
    const { size } = this;
    const lower = this.#gram.slice();
    const free = size - 1;
    const weight = lower[size * size - 1]!;
    const means = this.means();
    for (let i = 0; i < free; i++) {
      const variance = Math.max(lower[i * size + i]! / weight - means[i]! ** 2, 0);
      // A column that never varied says nothing: any penalty keeps its coefficient at 0.
      lower[i * size + i]! += lambda * variance + 1e-9 * weight;
    }
    factor(lower, size);
    return Float32Array.from(substitute(lower, this.#target, size));
  }
}

interface RidgeView {
  readonly size: number;
  readonly count: number;
  readonly gram: Float64Array;
  readonly target: Float64Array;
}

/** Cholesky: the lower triangle of a positive definite matrix becomes its factor. */
function factor(matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      matrix[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[j * size + j]!;
    }
  }
}

function substitute(lower: Float64Array, right: Float64Array, size: number): Float64Array {
  const x = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = right[i]!;
    for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * x[k]!;
    x[i] = sum / lower[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < size; k++) sum -= lower[k * size + i]! * x[k]!;
    x[i] = sum / lower[i * size + i]!;
  }
  return x;
}
