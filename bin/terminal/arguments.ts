import { InvalidArgumentError } from 'commander';

/** A whole number within bounds. @throws InvalidArgumentError with the bounds */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < from || value > to) {
      throw new InvalidArgumentError(`a whole number from ${from} to ${to} is expected.`);
    }
    return value;
  };
}

export function oneOf<T extends number>(...allowed: readonly T[]): (text: string) => T {
  return (text) => {
    const value = allowed.find((candidate) => String(candidate) === text);
    if (value === undefined) throw new InvalidArgumentError(`one of ${allowed.join(', ')} is expected.`);
    return value;
  };
}

/** @returns UTC ms of the day's begin in UTC */
export function calendarDay(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError('a day like 2013-06-01 is expected.');
  }
  return at;
}

/** @returns UTC ms of an instant to the millisecond, as commands print them; without milliseconds it is that of the whole second */
export function instantOf(text: string): number {
  const whole = text.replace(/^([^.]*:\d{2})Z$/, '$1.000Z');
  const at = Date.parse(whole);
  if (Number.isNaN(at) || new Date(at).toISOString() !== whole)
    throw new InvalidArgumentError('an instant like 2013-06-01T00:00:00.000Z is expected.');
  return at;
}
