const DAY_MS = 86_400_000;

/** Which rows of the key table hold the data keys of a stream, and for how long a row seals new commits. */
export interface KeyClass {
  /** Row ids are this and the 13-digit UTC ms of creation: the newest sorts last, and none is ever used twice. */
  readonly prefix: string;
  readonly rotateMs: number;
}

/** A segment has keys of its own, renewed every 28 days; other streams share one per class and year. */
export function keyClassOf(stream: string): KeyClass {
  if (stream.startsWith('segment/')) return { prefix: `${stream}/`, rotateMs: 28 * DAY_MS };
  return { prefix: `stream-class/${stream.slice(0, stream.indexOf('/'))}/`, rotateMs: 365 * DAY_MS };
}

export function keyRowId(keyClass: KeyClass, createdAt: number): string {
  return keyClass.prefix + String(createdAt).padStart(13, '0');
}

/** UTC ms, from the row id. */
export function keyCreatedAt(rowId: string): number {
  return Number(rowId.slice(-13));
}
