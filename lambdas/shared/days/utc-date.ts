/** `yyyy-mm-dd`. @param at UTC ms */
export function utcDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
