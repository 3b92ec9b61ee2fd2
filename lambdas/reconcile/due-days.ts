import type { AccessReconciled } from '../../events/index.ts';
import type { KmsRecord } from '../../platform/ports/kms-record.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { utcDate } from '../shared/days/utc-date.ts';

const DAY_MS = 86_400_000;
/** The key service's record of a day is whole so long after its end: CloudTrail needs minutes, its digests an hour. */
const GRACE_MS = 3 * 3_600_000;
/** Days of one run. */
const AT_ONCE = 31;

export interface DueDays {
  readonly days: readonly string[];
  /** The day before the first of them; undefined where nothing was reconciled yet. */
  readonly last: AccessReconciled | undefined;
}

/** UTC dates that are over and not reconciled, oldest first. */
export async function dueDays(platform: Platform, record: KmsRecord): Promise<DueDays> {
  const now = platform.clock.now();
  const last = await lastReconciled(platform);
  const first = last === undefined ? await record.firstDay() : utcDate(Date.parse(last.day) + DAY_MS);
  if (first === undefined) return { days: [], last };
  const days: string[] = [];
  for (let at = Date.parse(first); at + DAY_MS + GRACE_MS <= now && days.length < AT_ONCE; at += DAY_MS) days.push(utcDate(at));
  return { days, last };
}

async function lastReconciled(platform: Platform): Promise<AccessReconciled | undefined> {
  const now = new Date(platform.clock.now());
  const lately = [monthOf(now, -1), monthOf(now, 0)];
  // All of them where the service was idle for long.
  for (const prefixes of [lately, ['']]) {
    const streams: string[] = [];
    for (const prefix of prefixes) streams.push(...(await Array.fromAsync(platform.events.streams(`audit/${prefix}`))));
    for (const stream of streams.sort().reverse()) {
      const done = await outcomeOf(platform, stream);
      if (done !== undefined) return done;
    }
  }
  return undefined;
}

async function outcomeOf({ events }: Platform, stream: string): Promise<AccessReconciled | undefined> {
  for await (const commit of events.read(stream)) for (const { type, data } of commit.events) if (type === 'AccessReconciled') return data;
  return undefined;
}

function monthOf(date: Date, plus: number): string {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + plus)).toISOString().slice(0, 7);
}
