import { relay } from '../../domain/enrolment/relay.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ACCESS_YEARS, FORECAST_MODEL_DAYS, QUARANTINE_DAYS, RELAY_MONTHS } from '../../topology/retention.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { accessSummary } from './access-summary.ts';
import { type StreamTrim, trimStream } from './trim-stream.ts';

const DAY_MS = 86_400_000;

/** Streams of which the beginning goes when it is old enough, and what lasts of it. */
export interface TrimmedClass {
  readonly name: 'relays' | 'access';
  /** Notes up to when everything is done, so that the streams are not looked at again before more is due. */
  readonly cursor: string;
  /** What was recorded before it goes, UTC ms: moves on in steps, so that a stream is cut once a month or once. */
  cutoff(now: number): number;
  /** Streams that may hold something older. */
  streams(platform: Platform, cutoff: number, done: number): AsyncIterable<string>;
  trim(platform: Platform, stream: string, cutoff: number, dryRun: boolean): Promise<StreamTrim>;
}

export const TRIMMED: readonly TrimmedClass[] = [
  {
    name: 'relays',
    cursor: 'retention/relays-to',
    cutoff: (now) => firstOfMonth(now, -RELAY_MONTHS),
    streams: ({ events }) => events.streams('relay/'),
    trim: (platform, stream, cutoff, dryRun) => trimStream(platform, stream, relay, cutoff, dryRun),
  },
  {
    name: 'access',
    cursor: 'retention/access-to',
    cutoff: midnightYearsAgo,
    streams: dueAccess,
    trim: (platform, stream, cutoff, dryRun) => trimStream(platform, stream, accessSummary, cutoff, dryRun),
  },
];

/** Keys of objects in quarantine that are past their time. */
export async function dueQuarantined({ objects, clock }: Platform): Promise<readonly string[]> {
  return await objects.olderThan('quarantine/', clock.now() - QUARANTINE_DAYS * DAY_MS);
}

/** Keys of the numbers of models that no forecast is made with any more: a model is fitted again after weeks. */
export async function dueModels({ objects, clock }: Platform): Promise<readonly string[]> {
  return await objects.olderThan('forecast-models/', clock.now() - FORECAST_MODEL_DAYS * DAY_MS);
}

function firstOfMonth(now: number, months: number): number {
  const at = new Date(now);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1);
}

function midnightYearsAgo(now: number): number {
  const at = new Date(now);
  return Date.UTC(at.getUTCFullYear() - ACCESS_YEARS, at.getUTCMonth(), at.getUTCDate());
}

/**
 * Those of days that were over for a day then: an access just before midnight may be recorded after it. By name from day to day where
 * it is known up to which all are done; else all of them are looked at.
 */
async function* dueAccess({ events }: Platform, cutoff: number, done: number): AsyncGenerator<string, void, void> {
  const last = cutoff - 2 * DAY_MS;
  if (done === 0) {
    for await (const stream of events.streams('access/')) if (stream.slice('access/'.length) < utcDate(last + DAY_MS)) yield stream;
    return;
  }
  for (let day = done - DAY_MS; day <= last; day += DAY_MS) yield* events.streams(`access/${utcDate(day)}`);
}
