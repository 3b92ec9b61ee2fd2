import type { Day } from '../../../api/days.ts';
import { count, energy, time, timeWithZone } from '../../shared/format.ts';
import { type Channel, markOf, runsOf, type Slot } from '../model/slots.ts';
import { t } from '../text.ts';

type OfDay = Pick<Day, 'zone' | 'minutes' | 'channels' | 'start'>;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** Energy in the channel's unit. */
export function energyIn(unit: Channel['unit'], value: number | null): string {
  if (value === null) return t('day.nothing');
  return unit === 'Wh' ? energy(value) : `${count(value)} ${unit}`;
}

/** From and until of slots, by the clock of the day's place. Where an hour comes twice, with the name of the clock. */
export function spanText(day: OfDay, from: number, until: number): string {
  const slots = day.channels[0]?.slots.length ?? 0;
  const clock = slots * day.minutes === DAY_MINUTES ? time : timeWithZone;
  const begin = Date.parse(day.start);
  const at = (slot: number) => clock(begin + slot * day.minutes * MINUTE_MS, { zone: day.zone });
  return t('day.slot', { from: at(from), until: at(until + 1) });
}

export function sourceText({ final: { source, scaled } }: Slot, word: (source: string) => string): string {
  return scaled ? t('source.scaled', { source: word(source) }) : word(source);
}

/** All that is known of a slot, in one line. */
export function slotText(day: OfDay, { unit }: Channel, slot: Slot): string {
  const words = {
    time: spanText(day, slot.slot, slot.slot),
    raw: energyIn(unit, slot.raw.energyWh),
    final: energyIn(unit, slot.final.energyWh),
    mark: t(`mark.${markOf(slot)}`),
  };
  return [t('day.slot.reading', words), ...slot.errors, ...slot.warnings].join(', ');
}

export function selectionText(day: OfDay, slots: readonly number[]): string {
  if (slots.length === 0) return t('day.selected.none');
  const runs = runsOf(slots).map(([from, until]) => spanText(day, from, until));
  return t('day.selected', { n: slots.length, runs: runs.join(', ') });
}
