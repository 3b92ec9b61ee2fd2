import type { SlotSource } from '../../events/index.ts';

/** placeholder until measured */
export function confidenceOf(source: SlotSource, scaled: boolean, gapMinutes: number): number {
  return source === 'E11' || source === 'E0' ? 100 : scaled ? 60 : Math.max(5, 60 - gapMinutes / 60);
}
