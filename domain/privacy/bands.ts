/** Shares are told in bands: an exact one says how many homes are silent. */
export type Band = '>=99' | '95-99' | '90-95' | '<90';

/** In which band a share lies. @param part of @param whole; nothing of nothing is complete */
export function bandOf(part: number, whole: number): Band {
  if (part * 100 >= whole * 99) return '>=99';
  if (part * 100 >= whole * 95) return '95-99';
  return part * 100 >= whole * 90 ? '90-95' : '<90';
}
