/** As answers tell an instant. @param at UTC ms */
export function instant(at: number): string {
  return new Date(at).toISOString();
}

/** Null where there is none: never, or not known. */
export function instantOrNull(at: number | null | undefined): string | null {
  return at === undefined || at === null ? null : instant(at);
}
