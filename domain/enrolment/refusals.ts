import type { EpochRefused, MeterEvent } from '../../events/index.ts';
import { MILLISECONDS, RECORDING } from './limits.ts';
import type { RefuseHello } from './meter-command.ts';
import { NO_REFUSALS, type Refusals } from './meter-state.ts';

/** Whether an answer may go out now: at most one in 10 minutes, whatever is asked. */
export function mayAnswer(refusals: Refusals, at: number): boolean {
  return at - refusals.answeredAt >= RECORDING.answerEvery;
}

/**
 * Records a refusal: once per input and hour, and at most 8 in an hour. An answer that may not go out is left out of
 * the event, so whoever sends looks at the event.
 */
export function refuse(refusals: Refusals, command: RefuseHello): MeterEvent[] {
  const { reason, hash, at } = command;
  const current = inHour(refusals, at);
  if (current.hashes.includes(hexOf(hash)) || current.hashes.length >= RECORDING.refusalsPerHour) return [];
  const answered = command.answer !== undefined && mayAnswer(refusals, at) ? { answer: command.answer } : {};
  return [{ type: 'EpochRefused', data: { reason, hash, ...answered, at } }];
}

export function withRefusal(refusals: Refusals, refused: EpochRefused): Refusals {
  const { hour, hashes } = inHour(refusals, refused.at);
  const answeredAt = refused.answer === undefined ? refusals.answeredAt : refused.at;
  return { hour, hashes: [...hashes, hexOf(refused.hash)], answeredAt };
}

function inHour(refusals: Refusals, at: number): Pick<Refusals, 'hour' | 'hashes'> {
  const hour = Math.floor(at / MILLISECONDS.hour);
  return refusals.hour === hour ? refusals : { hour, hashes: NO_REFUSALS.hashes };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
