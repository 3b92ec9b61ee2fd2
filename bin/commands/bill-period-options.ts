import { InvalidArgumentError } from 'commander';
import type { Clock } from '../../platform/ports/platform.ts';

const HALF_DAY_MS = 43_200_000;

/** @throws InvalidArgumentError for what is no month */
export function month(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('a month like 2013-06 is expected.');
  return text;
}

/** Noon of a day, or now. @param at UTC ms of the day's begin */
export function clockAt(at: number | undefined): Clock {
  return at === undefined ? { now: () => Date.now() } : { now: () => at + HALF_DAY_MS };
}
