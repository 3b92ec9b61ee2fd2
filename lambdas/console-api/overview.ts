import type { Overview } from '../../api/console.ts';
import type { ReadTable } from '../../platform/ports/read-models.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant, instantOrNull } from '../http/instants.ts';
import { AREA_SUMS } from '../project/area-sums.ts';
import { countsOfDate, DAY_COUNTS } from '../project/day-counts.ts';
import { CUT_OFF, QUARANTINES } from '../project/device-projection.ts';
import { EXCEPTIONS, exceptionGroups, QUEUE_DAYS } from '../project/exceptions.ts';
import { expectedSlots } from '../project/expected-slots.ts';
import { dayPartition, hourOfDay, INTAKE, INTAKE_KIND, type SegmentDay } from '../project/intake.ts';
import { JUNK, JUNK_KIND } from '../project/relay-projection.ts';
import { finalAt, localDayAt, plusDays } from '../shared/days/local-days.ts';
import { expiringCertificates } from './certificates.ts';
import type { ConsoleDesk } from './desk.ts';
import { feedRows } from './feed-rows.ts';
import { securityCounts } from './refusal-layers.ts';

const HOUR_MS = 3_600_000;
const DELIVERY_HOURS = 48;
const SECURITY_HOURS = 24;
/** A closed day is looked for so far back. */
const CLOSED_DAYS = 10;
const BASIS = 10_000;

/** How the service stands. Read models alone: nothing of a subject is opened. */
export async function showOverview(desk: ConsoleDesk, _call: Call<'showOverview'>): Promise<Answer> {
  const now = desk.clock.now();
  const [{ delivery, security }, validation, exceptions, deadLetters, feeds, certificates, quarantined] = await Promise.all([
    intakeOf(desk, now),
    validationOf(desk, now),
    exceptionsOf(desk, now),
    desk.queues.standing(),
    feedRows(desk),
    expiringCertificates(desk, now),
    quarantinedDevices(desk),
  ]);
  const body: Overview = {
    ...{ asOf: instant(now), zone: AREA_ZONE, delivery, validation, exceptions, certificates, security, quarantined },
    deadLetters: deadLetters.map(({ queue, waiting, failed }) => ({ queue, waiting, failed })),
    feeds: feeds.map(({ feed, sequence, newest, behind }) => ({ feed, sequence, newest: instantOrNull(newest), behind })),
  };
  return { body };
}

/**
 * Slots of homes' import by the hour in which they end, the hour that runs included; and what of the last 24 hours is on record as
 * refused: what the gateways turned away before it was anything is in their counters alone.
 */
async function intakeOf({ models }: ConsoleDesk, now: number): Promise<Pick<Overview, 'delivery' | 'security'>> {
  const hours = hoursTo(now, DELIVERY_HOURS);
  const recent = hours.slice(-SECURITY_HOURS);
  const received = new Map<number, number>();
  const refusals = securityCounts();
  for (const date of datesOf(hours)) {
    const recentHours = recent.map(hourOfDay).filter((at) => at.date === date);
    for await (const { value } of models.table(INTAKE).query(dayPartition(date), '')) {
      const { received: came, refused } = INTAKE_KIND.read(value) as SegmentDay;
      addReceived(received, date, came);
      for (const { hour } of recentHours) refusals.add(refused[hour] ?? {});
    }
    if (recentHours.length > 0) await addJunk(refusals, models.table(JUNK), date, recentHours);
  }
  const expected = await expectedSlots(
    models.table(AREA_SUMS),
    hours.map((hour) => hour / 1000),
  );
  const delivery = hours.map((hour, i) => ({ hour: instant(hour), expected: expected[i]!, received: received.get(hour) ?? 0 }));
  return { delivery, security: refusals.rows() };
}

/** @param came by hour of the date @param sums by begin of the hour, UTC ms */
function addReceived(sums: Map<number, number>, date: string, came: SegmentDay['received']): void {
  const midnight = Date.parse(date);
  for (const [hour, count] of Object.entries(came)) {
    const at = midnight + Number(hour) * HOUR_MS;
    sums.set(at, (sums.get(at) ?? 0) + count);
  }
}

async function addJunk(
  counts: ReturnType<typeof securityCounts>,
  junk: ReadTable,
  date: string,
  hours: readonly { readonly hour: number }[],
): Promise<void> {
  for await (const { value } of junk.query(dayPartition(date), '')) {
    const { frames, handshakes, floods } = JUNK_KIND.read(value);
    for (const { hour } of hours) {
      counts.add(frames[hour] ?? {});
      counts.addKind('handshake', handshakes[hour] ?? 0);
      counts.addKind('flood', floods[hour] ?? 0);
    }
  }
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
  const groups = await exceptionGroups(models.table(EXCEPTIONS), plusDays(today, -QUEUE_DAYS), plusDays(today, 1));
  const open = groups.filter(({ status }) => status !== 'closed');
  const first = open.map(({ firstDay }) => firstDay).sort()[0];
  const dueAt = first === undefined ? null : instant(finalAt(first, AREA_ZONE));
  return { open: open.length, oldest: instantOrNull(open[0]?.oldest), dueAt };
}

async function quarantinedDevices({ models }: ConsoleDesk): Promise<number> {
  let devices = 0;
  for await (const _key of models.table(QUARANTINES).keys(CUT_OFF, '')) devices++;
  return devices;
}

/** Begins of the last hours, the one that runs included, oldest first; UTC ms. */
function hoursTo(now: number, hours: number): readonly number[] {
  const last = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: hours }, (_, i) => last - (hours - 1 - i) * HOUR_MS);
}

function datesOf(hours: readonly number[]): readonly string[] {
  return [...new Set(hours.map((hour) => hourOfDay(hour).date))];
}
