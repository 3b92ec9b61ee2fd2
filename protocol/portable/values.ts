const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole number that JSON holds exactly. */
export function isCount(value: unknown, least = 0): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** @param bytes JSON in UTF-8, without a byte order mark @returns undefined for what is none: JSON has no such value */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
