/** Where a member is in a value: names, and places in lists. */
export type Path = readonly (string | number)[];

export interface Member {
  readonly path: Path;
  readonly value: unknown;
}

/** Every member at every depth, with the way to it. */
export function* membersOf(value: unknown, path: Path = []): Generator<Member> {
  if (path.length > 0) yield { path, value };
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const [key, one] of Object.entries(value)) yield* membersOf(one, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** A copy in which one member is another. */
export function withAt(whole: unknown, [key, ...rest]: Path, change: (value: unknown) => unknown): unknown {
  if (key === undefined) return change(whole);
  const copy = Array.isArray(whole) ? [...whole] : { ...(whole as object) };
  const members = copy as Record<string | number, unknown>;
  members[key] = withAt(members[key], rest, change);
  return copy;
}
