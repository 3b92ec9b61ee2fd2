import type { Day } from '../../../api/days.ts';

export type Channel = Day['channels'][number];
export type Slot = Channel['slots'][number];

/** What stands in a slot, as pictures and words show it. */
export const SLOT_MARKS = ['measured', 'estimated', 'edited', 'held', 'missing'] as const;
export type SlotMark = (typeof SLOT_MARKS)[number];

export function markOf({ final, raw }: Pick<Slot, 'final' | 'raw'>): SlotMark {
  if (final.edited) return 'edited';
  if (final.source === 'held') return 'held';
  if (final.source === 'measured') return 'measured';
  if (final.source === 'missing' || final.energyWh === null) return raw.energyWh === null ? 'missing' : 'held';
  return 'estimated';
}

/** Slots that an edit of the kind is likely meant for. */
export function slotsFor(channel: Channel, kind: 'accept' | 'estimate'): readonly number[] {
  const wanted = (slot: Slot) => {
    const mark = markOf(slot);
    if (kind === 'accept') return mark !== 'measured' && mark !== 'edited' && slot.raw.energyWh !== null;
    return mark === 'held' || mark === 'missing';
  };
  return channel.slots.filter(wanted).map(({ slot }) => slot);
}

/** With the slots from `from` to `until` added, or taken away where all of them are in it. Rises. */
export function toggled(selected: readonly number[], from: number, until: number): readonly number[] {
  const [first, last] = from <= until ? [from, until] : [until, from];
  const span = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const there = new Set(selected);
  const all = span.every((slot) => there.has(slot));
  for (const slot of span) {
    if (all) there.delete(slot);
    else there.add(slot);
  }
  return [...there].sort((a, b) => a - b);
}

/** Neighbours put together: first and last slot of each run. @param slots rising */
export function runsOf(slots: readonly number[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const slot of slots) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === slot - 1) run[1] = slot;
    else runs.push([slot, slot]);
  }
  return runs;
}

/** FLAG bits of a record, in words. @source protocol/plaintext.ts */
const FLAG_WORDS = ['resent', 'clock doubtful', 'register reset', 'memory error', 'test mode', 'outage'] as const;

export function flagWords(flags: number): readonly string[] {
  return FLAG_WORDS.filter((_, bit) => ((flags >>> bit) & 1) === 1);
}

export type Lane = 'raw' | 'final';

/** Energy that a lane is drawn up to: its highest, and never nothing. */
export function highestOf({ slots }: Channel, lane: Lane): number {
  return Math.max(1, ...slots.map((slot) => slot[lane].energyWh ?? 0));
}
