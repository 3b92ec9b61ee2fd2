/** What is asked for at once, where nobody says otherwise. */
const AT_ONCE = 16;

/** Asks for each of them, so many side by side. @returns what came, in their order */
export async function sideBySide<One, Found>(
  all: readonly One[],
  of: (one: One) => Promise<Found>,
  atOnce: number = AT_ONCE,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let i = 0; i < all.length; i += atOnce) found.push(...(await Promise.all(all.slice(i, i + atOnce).map(of))));
  return found;
}
