import type { ReadTable } from '../../platform/ports/read-models.ts';
import { ROSTER, ROSTER_KIND } from './area-roster.ts';

const HOUR = 3_600;

/** Slots of the import that all homes should have in each hour: of rosters, an item per segment. @param sums area sums @param hours begins, UTC s, oldest first */
export async function expectedSlots(sums: ReadTable, hours: readonly number[]): Promise<readonly number[]> {
  const steps = await homesByMinutes(sums);
  const expected = hours.map(() => 0);
  for (const [minutes, changes] of steps) {
    const inOrder = [...changes].sort(([a], [b]) => a - b);
    let homes = 0;
    let next = 0;
    for (const [i, hour] of hours.entries()) {
      // Slot k ends at k whole intervals; homes that came with slot s count from s + 1 on.
      for (let slot = hour / (minutes * 60) + 1; slot <= (hour + HOUR) / (minutes * 60); slot++) {
        for (; next < inOrder.length && inOrder[next]![0] < slot; next++) homes += inOrder[next]![1];
        expected[i] = expected[i]! + homes;
      }
    }
  }
  return expected;
}

/** How many homes of each interval came, or went, behind each slot. */
async function homesByMinutes(sums: ReadTable): Promise<ReadonlyMap<number, ReadonlyMap<number, number>>> {
  const byMinutes = new Map<number, Map<number, number>>();
  for await (const { value } of sums.query(ROSTER, '')) {
    for (const [kind, steps] of Object.values(ROSTER_KIND.read(value)).flatMap((leaf) => Object.entries(leaf))) {
      const minutes = Number(kind.split('/')[1]);
      const all = byMinutes.get(minutes) ?? new Map<number, number>();
      byMinutes.set(minutes, all);
      for (const [slot, change] of Object.entries(steps)) all.set(Number(slot), (all.get(Number(slot)) ?? 0) + change);
    }
  }
  return byMinutes;
}
