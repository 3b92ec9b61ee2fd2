import type { IngestView, Overview } from '../../../api/console.ts';

export type Hour = Overview['delivery'][number];

export interface HourState {
  /** Received of expected, 0 to 1; `undefined` where nothing was expected. */
  readonly share: number | undefined;
  readonly state: 'whole' | 'nearly' | 'short' | 'none' | 'idle' | 'running';
}

const HOUR_MS = 3_600_000;

/** How an hour was delivered. What has not come of one that is not over is not lost. @param asOf when it was counted, UTC */
export function hourState(hour: Hour, asOf: string): HourState {
  const share = shareOf(hour);
  if (share === undefined) return { share, state: 'idle' };
  if (isRunning(hour, asOf)) return { share, state: 'running' };
  const { received } = hour;
  if (received === 0) return { share, state: 'none' };
  return { share, state: share >= 0.995 ? 'whole' : share >= 0.95 ? 'nearly' : 'short' };
}

/** Of all hours that are over. @param asOf when they were counted, UTC */
export function deliveryTotals(
  hours: readonly Hour[],
  asOf: string,
): {
  readonly expected: number;
  readonly received: number;
  readonly share: number | undefined;
} {
  const over = hours.filter((hour) => !isRunning(hour, asOf));
  const expected = over.reduce((sum, hour) => sum + hour.expected, 0);
  const received = over.reduce((sum, hour) => sum + hour.received, 0);
  return { expected, received, share: shareOf({ expected, received }) };
}

function isRunning({ hour }: Pick<Hour, 'hour'>, asOf: string): boolean {
  return Date.parse(hour) + HOUR_MS > Date.parse(asOf);
}

function shareOf({ expected, received }: Pick<Hour, 'expected' | 'received'>): number | undefined {
  return expected === 0 ? undefined : Math.min(1, received / expected);
}

type Concentrator = IngestView['concentrators'][number];

export interface ConcentratorTotals {
  readonly frames: number;
  /** Accepted and duplicates of all frames, 0 to 1; `undefined` without frames. A duplicate arrived well, once more. */
  readonly success: number | undefined;
  readonly failures: number;
}

export function concentratorTotals({ days, failures }: Pick<Concentrator, 'days' | 'failures'>): ConcentratorTotals {
  const sum = (of: (day: Concentrator['days'][number]) => number) => days.reduce((total, day) => total + of(day), 0);
  const well = sum(({ accepted, duplicate }) => accepted + duplicate);
  const frames = well + sum(({ quarantined, refused }) => quarantined + refused);
  const failed = failures.transport + failures.crypto + failures.schema + failures.vee;
  return { frames, success: frames === 0 ? undefined : well / frames, failures: failed };
}

/** Success of each day, for a spark line; `undefined` = no frame came. */
export function successByDay({ days }: Pick<Concentrator, 'days'>): readonly (number | undefined)[] {
  return days.map((day) => concentratorTotals({ days: [day], failures: { transport: 0, crypto: 0, schema: 0, vee: 0 } }).success);
}

/** Worst first, then by name. */
export function worstFirst(concentrators: readonly Concentrator[]): readonly Concentrator[] {
  const success = new Map(concentrators.map((each) => [each, concentratorTotals(each).success ?? 0]));
  return [...concentrators].sort((a, b) => success.get(a)! - success.get(b)! || (a.dcId < b.dcId ? -1 : 1));
}
