import { type AccessPurpose, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { localDay } from './local-days.ts';
import { pointOf } from './points.ts';
import { openSubjectData } from './subject-data.ts';

const DAY_MS = 86_400_000;

/** A stream of meter days that somebody wants to read, and whose it is as far as its last commit tells. */
export interface DayStream {
  readonly stream: string;
  readonly subject?: string;
}

export interface NamedDay {
  readonly meterId: string;
  /** Local date. */
  readonly day: string;
  /** 1, or more behind the date. */
  readonly part: number;
}

/** What the name of a meter day's stream says. */
export function dayOfStream(stream: string): NamedDay {
  const [, meterId, rest] = stream.split('/') as [string, string, string];
  return { meterId, day: rest.slice(0, 10), part: Number(rest.slice(11) || 1) };
}

/** Access to these days, recorded first. Where a stream doesn't say whose it is, the tenancies of its day do. */
export async function openDays(platform: Platform, purpose: AccessPurpose, days: readonly DayStream[]): Promise<SubjectAccess> {
  const named = days.flatMap(({ subject }) => (subject === undefined ? [] : [subject]));
  const unnamed = days.filter(({ subject }) => subject === undefined);
  const tenants = await tenantsOf(
    platform,
    unnamed.map(({ stream }) => stream),
  );
  const starts = days.map(({ stream }) => localDay(dayOfStream(stream).day, 'UTC').start * 1000);
  const window = { from: Math.min(...starts), until: Math.max(...starts) + DAY_MS };
  return await openSubjectData(platform, { purpose, ...window, subjects: [...named, ...tenants] });
}

async function tenantsOf(platform: Platform, streams: readonly string[]): Promise<ReadonlySet<string>> {
  if (streams.length === 0) return new Set();
  const points = await pointOf(
    platform,
    streams.map((stream) => dayOfStream(stream).meterId),
  );
  return new Set([UTILITY, ...points.flat().flatMap(({ tenancy }) => tenancy.map(({ subject }) => subject))]);
}
