import type { Overview } from '../../api/console.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { AREA_SUMS } from '../project/area-sums.ts';
import { countsOfDate, DAY_COUNTS } from '../project/day-counts.ts';
import { EXCEPTIONS, exceptionGroups } from '../project/exceptions.ts';
import { expectedSlots } from '../project/expected-slots.ts';
import { dayPartition, hourOfDay, INTAKE, INTAKE_KIND, type SegmentDay } from '../project/intake.ts';
import { JUNK, JUNK_KIND } from '../project/relay-projection.ts';
import { finalAt, localDayAt, plusDays } from '../shared/local-days.ts';
import { expiringCertificates } from './certificates.ts';
import { type ConsoleDesk, instant, instantOrNull } from './desk.ts';
import { feedRows } from './feed-rows.ts';
import { securityCounts } from './refusal-layers.ts';

const HOUR_MS = 3_600_000;
const DELIVERY_HOURS = 48;
const SECURITY_HOURS = 24;
/** A closed day is looked for so far back. */
const CLOSED_DAYS = 10;
/** Exceptions are looked for so far back, as the queue does. */
const EXCEPTION_DAYS = 45;
const BASIS = 10_000;

/** How the service stands. Read models alone: nothing of a subject is opened. */
export async function showOverview(desk: ConsoleDesk, _call: Call<'showOverview'>): Promise<Answer> {
  const now = desk.clock.now();
  const [delivery, validation, exceptions, deadLetters, feeds, certificates, security] = await Promise.all([
    deliveryOf(desk, now),
    validationOf(desk, now),
    exceptionsOf(desk, now),
    desk.queues.standing(),
    feedRows(desk),
    expiringCertificates(desk, now),
    securityOf(desk, now),
  ]);
  const body: Overview = {
    ...{ asOf: instant(now), zone: AREA_ZONE, delivery, validation, exceptions, certificates, security },
    deadLetters: deadLetters.map(({ queue, waiting, failed }) => ({ queue, waiting, failed })),
    feeds: feeds.map(({ feed, sequence, newest, behind }) => ({ feed, sequence, newest: instantOrNull(newest), behind })),
  };
  return { body };
}

/** Slots of homes' import by the hour in which they end, the hour that runs included. */
async function deliveryOf({ models }: ConsoleDesk, now: number): Promise<Overview['delivery']> {
  const hours = hoursTo(now, DELIVERY_HOURS);
  const received = new Map<number, number>();
  for (const date of datesOf(hours)) {
    for await (const { value } of models.table(INTAKE).query(dayPartition(date), '')) {
      const { received: came } = INTAKE_KIND.read(value) as SegmentDay;
      const midnight = Date.parse(date);
      for (const [hour, count] of Object.entries(came)) {
        const at = midnight + Number(hour) * HOUR_MS;
        received.set(at, (received.get(at) ?? 0) + count);
      }
    }
  }
  const expected = await expectedSlots(
    models.table(AREA_SUMS),
    hours.map((hour) => hour / 1000),
  );
  return hours.map((hour, i) => ({ hour: instant(hour), expected: expected[i]!, received: received.get(hour) ?? 0 }));
}

/** Of the newest local day that has outcomes. */
async function validationOf({ models }: ConsoleDesk, now: number): Promise<Overview['validation']> {
  const today = localDayAt(Math.floor(now / 1000), AREA_ZONE).day;
  for (let back = 0; back < CLOSED_DAYS; back++) {
    const day = plusDays(today, -back);
    const { days, held, measured, estimated, edited, missing, waiting } = await countsOfDate(models.table(DAY_COUNTS), day);
    if (days === 0) continue;
    const slots = measured + estimated + edited + missing + waiting;
    const share = (part: number) => (slots === 0 ? 0 : Math.round((part * BASIS) / slots));
    return { day, days, held, passed: share(measured), estimated: share(estimated), edited: share(edited), missing: share(missing) };
  }
  return null;
}

async function exceptionsOf({ models }: ConsoleDesk, now: number): Promise<Overview['exceptions']> {
  const today = localDayAt(Math.floor(now / 1000), AREA_ZONE).day;
  const groups = await exceptionGroups(models.table(EXCEPTIONS), plusDays(today, -EXCEPTION_DAYS), plusDays(today, 1));
  const open = groups.filter(({ status }) => status !== 'closed');
  const first = open.map(({ firstDay }) => firstDay).sort()[0];
  const dueAt = first === undefined ? null : instant(finalAt(first, AREA_ZONE));
  return { open: open.length, oldest: instantOrNull(open[0]?.oldest), dueAt };
}

/** What is on record of the last 24 hours; what the gateways turned away before it was anything is in their counters alone. */
async function securityOf({ models }: ConsoleDesk, now: number): Promise<Overview['security']> {
  const hours = hoursTo(now, SECURITY_HOURS);
  const counts = securityCounts();
  for (const date of datesOf(hours)) {
    const recent = hours.filter((hour) => hourOfDay(hour).date === date).map((hour) => hourOfDay(hour).hour);
    for await (const { value } of models.table(INTAKE).query(dayPartition(date), '')) {
      const { refused } = INTAKE_KIND.read(value) as SegmentDay;
      for (const hour of recent) counts.add(refused[hour] ?? {});
    }
    for await (const { value } of models.table(JUNK).query(dayPartition(date), '')) {
      const { frames, handshakes, floods } = JUNK_KIND.read(value);
      for (const hour of recent) {
        counts.add(frames[hour] ?? {});
        counts.addKind('handshake', handshakes[hour] ?? 0);
        counts.addKind('flood', floods[hour] ?? 0);
      }
    }
  }
  return counts.rows();
}

/** Begins of the last hours, the one that runs included, oldest first; UTC ms. */
function hoursTo(now: number, hours: number): readonly number[] {
  const last = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: hours }, (_, i) => last - (hours - 1 - i) * HOUR_MS);
}

function datesOf(hours: readonly number[]): readonly string[] {
  return [...new Set(hours.map((hour) => hourOfDay(hour).date))];
}
