import type { EpochRefused, MeterEvent } from '../../events/index.ts';
import { MILLISECONDS, RECORDING } from './limits.ts';
import type { RefuseHello } from './meter-command.ts';
import { NO_REFUSALS, type Refusals } from './meter-state.ts';

/** Whether an answer may go out now: at most one in 10 minutes, whatever is asked, and after the sixth of a day one an hour. */
export function mayAnswer(refusals: Refusals, at: number): boolean {
  const often = onDay(refusals, at).answers < RECORDING.answersAtOnce;
  return at - refusals.answeredAt >= (often ? RECORDING.answerEvery : RECORDING.answerEveryThen);
}

/**
 * Records a refusal: what is answered, and of the rest 8 on a day, each input once. So nobody makes the stream grow by more
 * than some 40 events a day, and a flood of forgeries takes no answer from the meter itself. An answer that may not go out is
 * left out of the event, so whoever sends looks at the event.
 */
export function refuse(refusals: Refusals, command: RefuseHello): MeterEvent[] {
  const { reason, hash, at } = command;
  if (command.answer !== undefined && mayAnswer(refusals, at)) {
    return [{ type: 'EpochRefused', data: { reason, hash, answer: command.answer, at } }];
  }
  const { hashes, answers } = onDay(refusals, at);
  if (hashes.includes(hexOf(hash)) || hashes.length - answers >= RECORDING.refusalsPerDay) return [];
  return [{ type: 'EpochRefused', data: { reason, hash, at } }];
}

export function withRefusal(refusals: Refusals, refused: EpochRefused): Refusals {
  const { day, hashes, answers } = onDay(refusals, refused.at);
  const more = [...hashes, hexOf(refused.hash)];
  if (refused.answer === undefined) return { day, hashes: more, answers, answeredAt: refusals.answeredAt };
  return { day, hashes: more, answers: answers + 1, answeredAt: refused.at };
}

function onDay(refusals: Refusals, at: number): Pick<Refusals, 'day' | 'hashes' | 'answers'> {
  const day = Math.floor(at / MILLISECONDS.day);
  return refusals.day === day ? refusals : { day, hashes: NO_REFUSALS.hashes, answers: 0 };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
