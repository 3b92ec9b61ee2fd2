/**
 * What becomes of each of the items, in their order, so many at a time. What fails is thrown in its place.
 * @param most of them under way before the first is waited for
 */
export async function* inOrder<Item, Made>(
  items: AsyncIterable<Item>,
  most: number,
  make: (item: Item) => Promise<Made>,
): AsyncGenerator<Made, void, void> {
  const underway: Promise<Made>[] = [];
  for await (const item of items) {
    const made = make(item);
    // Whoever ends early never hears of it.
    made.catch(() => undefined);
    underway.push(made);
    if (underway.length >= most) yield await underway.shift()!;
  }
  for (const made of underway) yield await made;
}
