const SHOWN_DIGITS = 12;

/** The beginning of a hash; the whole of it on demand. @param hash hex */
export function Hash({ hash }: { hash: string }) {
  return <code title={hash}>{hash.slice(0, SHOWN_DIGITS)}…</code>;
}
