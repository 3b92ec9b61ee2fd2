import { JoulekeepError, type MeterDayEvent } from '../../events/index.ts';
import { decideClosing } from './close.ts';
import type { MeterDayCommand, RecordVerification, ResealDay, RestateDay } from './command.ts';
import { decideApproval, decideEdit, decideRejection, decideUndo } from './edit.ts';
import { evolve, initial } from './evolve.ts';
import { newsFor } from './merge.ts';
import { standingOf, stated } from './outcome.ts';
import { cutHistory } from './reseal.ts';
import type { MeterDayState, OpenDay } from './state.ts';

/** Decider of stream `meterday/<meterId>/<day>[.part]`: the register of truth. @source X.1332 8.1, 10.1 */
export const meterDay = { initial, decide, evolve };

/**
 * @throws ERR_DAY_UNKNOWN for anything but readings and a reseal where nothing was collected yet, and what `decideEdit`,
 * `decideUndo`, `decideApproval` and `decideRejection` throw
 */
export function decide(command: MeterDayCommand, state: MeterDayState): readonly MeterDayEvent[] {
  if (command.type === 'ResealDay') return reseal(command, state);
  if (command.type === 'CollectReadings') {
    const news = state.status === 'empty' ? command.readings : newsFor(state, command.readings);
    return news === undefined ? [] : [{ type: 'ReadingsCollected', data: news }];
  }
  if (state.status === 'empty') throw new JoulekeepError('ERR_DAY_UNKNOWN', 'nothing was collected for this day');
  return decideOpen(command, state);
}

function decideOpen(command: Exclude<MeterDayCommand, { type: 'CollectReadings' | 'ResealDay' }>, day: OpenDay): readonly MeterDayEvent[] {
  switch (command.type) {
    case 'RecordVerification':
      return verification(command, day);
    case 'CloseDay':
    case 'FinalizeDay':
      return decideClosing(command, day);
    case 'EstimateSlots':
    case 'AcceptSlots':
    case 'EditValues':
    case 'AgreeReading':
      return decideEdit(command, day);
    case 'UndoEdit':
      return decideUndo(command, day);
    case 'ApproveEdit':
      return decideApproval(command, day);
    case 'RejectEdit':
      return decideRejection(command, day);
    case 'RestateDay':
      return restate(command, day);
    case 'SettleDay': {
      const { run, at } = command;
      if (day.settled.has(run)) return [];
      if (day.outcome === undefined) throw new JoulekeepError('ERR_DAY_UNSETTLED', 'the day has no outcome yet');
      return [{ type: 'DaySettled', data: { run, revision: day.outcome.revision, at } }];
    }
    default:
      return exhausted(command);
  }
}

function verification({ seal, chain, faults, at }: RecordVerification, day: OpenDay): MeterDayEvent[] {
  const fresh = faults.filter((fault) => !day.faults.some((known) => sameFault(known, fault)));
  const events: MeterDayEvent[] = fresh.map((data) =>
    data.what === 'chain-head' ? { type: 'ProfileChainBroken', data } : { type: 'SealMismatch', data },
  );
  if (day.verified?.seal !== seal || day.verified.chain !== chain) events.push({ type: 'DayVerified', data: { seal, chain, at } });
  return events;
}

function sameFault(a: OpenDay['faults'][number], b: OpenDay['faults'][number]): boolean {
  return a.channel === b.channel && a.from === b.from && a.until === b.until && a.what === b.what;
}

function restate({ perCount, reason, by, at }: RestateDay, day: OpenDay): MeterDayEvent[] {
  const layers = day.channels.map((channel) => {
    const changed = perCount.find((one) => one.channel === channel?.channel);
    return channel === undefined || changed === undefined ? channel : { ...channel, perCount: changed.perCount };
  });
  return stated(day, standingOf(day, layers, true), false, { reason, by, at });
}

/** Already so when the stream's last word is the same frame. */
function reseal({ frame, history, reason, at }: ResealDay, state: MeterDayState): MeterDayEvent[] {
  if (state.status === 'open' && sameFrame(state.frame, frame)) return [];
  return [{ type: 'DayResealed', data: { frame, history: cutHistory(history, frame), reason, at } }];
}

function sameFrame(a: OpenDay['frame'], b: OpenDay['frame']): boolean {
  return a.subject === b.subject && a.start === b.start && a.end === b.end && a.part === b.part && a.usagePoint === b.usagePoint;
}

function exhausted(command: never): never {
  throw new JoulekeepError('ERR_COMMAND_UNKNOWN', `not a command: ${JSON.stringify(command)}`);
}
