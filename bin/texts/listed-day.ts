import { isMethod } from '../../domain/meterday/effective.ts';
import { SLOT_SOURCES } from '../../events/index.ts';
import type { DayReadings } from '../../lambdas/shared/days/meter-days.ts';

/** A day in a list: how it stands, what it came to, and how many of its slots are no measurement. */
export function listedDay({ meterId, day, part, standing, held, revision, channels }: DayReadings): string {
  const energy = channels.map(({ direction, unit, slots }) => {
    const sum = slots.reduce((total, { energyWh }) => total + (energyWh ?? 0), 0);
    const estimated = slots.filter(({ source }) => isMethod(SLOT_SOURCES.indexOf(source))).length;
    return `${direction} ${sum} ${unit}${estimated === 0 ? '' : `, ${estimated} of ${slots.length} slots estimated`}`;
  });
  const name = part === 1 ? day : `${day}.${part}`;
  return `${meterId}  ${name.padEnd(12)}  ${standing.padEnd(11)}  revision ${revision}${held ? ', held' : ''}  ${energy.join('; ')}\n`;
}
