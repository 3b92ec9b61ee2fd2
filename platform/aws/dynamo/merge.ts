/**
 * Sorted sequences as one, in the order of their keys; what comes more than once, comes once. All are asked at the same time.
 * @param keyOf ASCII, so that the order of texts here is the order of bytes there
 */
export async function* mergeSorted<T>(sources: readonly AsyncIterable<T>[], keyOf: (entry: T) => string): AsyncGenerator<T, void, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      const least = leastOf(heads, keyOf);
      if (least === undefined) return;
      yield least;
      const key = keyOf(least);
      for (const [i, iterator] of iterators.entries())
        while (heads[i]!.done !== true && keyOf(heads[i]!.value as T) === key) heads[i] = await iterator.next();
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

function leastOf<T>(heads: readonly IteratorResult<T>[], keyOf: (entry: T) => string): T | undefined {
  let least: T | undefined;
  for (const head of heads) if (head.done !== true && (least === undefined || keyOf(head.value) < keyOf(least))) least = head.value;
  return least;
}
