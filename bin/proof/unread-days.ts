import type { BillStatement, UnreadDay } from '../../events/index.ts';
import { localDay, meterDayStream } from '../../lambdas/shared/days/local-days.ts';
import { ProofFault } from './proof-fault.ts';
import type { BilledDay } from './proven-days.ts';

/** A day of which a bill says that it was not final. UTC s. */
export interface UnreadPart extends UnreadDay {
  readonly meterId: string;
  readonly end: number;
}

/**
 * Days that were not final are charged on an estimate of the others: each is named by its stream, lies in one local day and in the time that is
 * charged, and no time of a meter is there twice. @throws ProofFault
 */
export function unreadDays({ basis, spans = [] }: BillStatement, days: readonly BilledDay[]): readonly UnreadPart[] {
  const { unread, zone } = basis!;
  const parts = unread.map((one) => partOf(one, zone));
  const outside = parts.find(({ start, end }) => !spans.some(({ from, until }) => from <= start && end <= until));
  if (outside !== undefined)
    throw new ProofFault('binding', `${outside.stream}: the day that was not final is not of the time that is charged`);
  const proven = days.map(({ state: { frame } }) => frame);
  const twice = parts.find(({ meterId, start, end }, i) => {
    const others = [...proven, ...parts.slice(0, i)];
    return others.some((one) => one.meterId === meterId && one.start < end && start < one.end);
  });
  if (twice !== undefined) throw new ProofFault('binding', `${twice.stream}: the day that was not final is in the bill already`);
  return parts;
}

function partOf(day: UnreadDay, zone: string): UnreadPart {
  const [, meterId = '', name = ''] = day.stream.split('/');
  const part = Number(name.split('.')[1] ?? 1);
  const end = day.start + day.slots * day.minutes * 60;
  const whole = localDay(day.day, zone);
  const named = Number.isInteger(part) && part > 0 && meterDayStream(meterId, day.day, part) === day.stream;
  if (!named || day.slots < 1 || day.start < whole.start || end > whole.end)
    throw new ProofFault('binding', `${day.stream}: the day that was not final is not ${day.day}`);
  return { ...day, meterId, end };
}
