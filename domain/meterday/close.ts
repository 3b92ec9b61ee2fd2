import type { MeterDayEvent } from '../../events/index.ts';
import type { CloseDay, FinalizeDay } from './command.ts';
import { contradicts } from './effective.ts';
import { judgeChannel } from './judge.ts';
import { standingOf, stated } from './outcome.ts';
import type { OpenDay } from './state.ts';

/** Who states a final day again when no person does. */
const CLOSING = 'close-day';

/**
 * Validates and estimates what came since the last time and says how the day stands: provisional, final as soon as everything is
 * measured and register and seal agree, final in any case when it is due.
 */
export function decideClosing(command: CloseDay | FinalizeDay, day: OpenDay): MeterDayEvent[] {
  const events = closing(command, day);
  const { word } = command.type === 'FinalizeDay' ? command : {};
  if (word === undefined) return events;
  return events.map((event) => (event.type === 'DayFinalized' ? { ...event, data: { ...event.data, word } } : event));
}

function closing(command: CloseDay | FinalizeDay, day: OpenDay): MeterDayEvent[] {
  const { at, hold } = command;
  const due = command.due || command.type === 'FinalizeDay';
  if (!day.stale && day.outcome !== undefined) {
    if (day.final || !due) return [];
    return stated(day, standingOf(day, day.channels, hold), true, { reason: '', by: CLOSING, at });
  }
  const events: MeterDayEvent[] = [];
  const { policy } = command;
  const judged = day.channels.filter((channel) => channel !== undefined).map((channel) => judgeChannel(day, channel, command));
  const found = judged.map(({ validated }) => ({ ...validated, dayWarnings: (validated.dayWarnings | (command.warnings ?? 0)) >>> 0 }));
  events.push({ type: 'DayValidated', data: { policy: policy.name, channels: found, at } });
  const changed = judged.map(({ estimated }) => estimated).filter((channel) => channel !== undefined);
  if (changed.length > 0) events.push({ type: 'SlotsEstimated', data: { channels: changed, at } });
  const channels = judged.map(({ outcome }) => outcome);
  const disputed = judged.some((channel) => channel.disputed);
  const standing = { channels, held: hold && contradicts(day, day.channels, channels, disputed) };
  const whole = found.every(({ bracket }) => bracket >= 0);
  const final = due || (whole && complete(standing) && (!command.seal || sealed(day)));
  events.push(...stated(day, standing, final, { reason: day.cause, by: CLOSING, at }));
  return events;
}

function complete({ channels, held }: ReturnType<typeof standingOf>): boolean {
  return !held && channels.length > 0 && channels.every((c) => c.missing === 0 && c.estimated === 0 && c.held === 0);
}

function sealed({ verified, faults }: OpenDay): boolean {
  return verified?.seal === 'verified' && verified.chain === 'verified' && faults.length === 0;
}
