import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { DAY_USAGE, type DayUsage, MISSING, registersOf, type UsageLane } from '../project/day-usage.ts';
import { usageBetween } from '../project/usage-between.ts';
import { type UsageSoFar, usageSoFar } from '../project/usage-pages.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { localDay, localDayAt, plusDays } from '../shared/days/local-days.ts';
import type { Desk } from './desk.ts';
import type { OwnPremises, Span } from './premises.ts';

/** Local dates; `until` is the first that is not asked for. */
export interface Dates {
  readonly from: string;
  readonly until: string;
}

/** A day, or a part of it, of one meter. */
export interface HomeDay extends DayUsage {
  readonly day: string;
}

/** Nothing came of the slot yet: neither a value nor that there is none. */
export const ABSENT = 255;

/** Days that are not closed are looked for so far back; what is older and was never closed is missing. */
const OPEN_DAYS = 7;

/** What of the dates is the customer's and over or going on by now, UTC ms. */
export function ownSpans({ point, spans }: OwnPremises, { from, until }: Dates, now: number): readonly Span[] {
  const [begin, end] = [localDay(from, point.zone).start * 1000, Math.min(now, localDay(until, point.zone).start * 1000)];
  return spans
    .map((span) => ({ from: Math.max(span.from, begin), until: Math.min(span.until, end) }))
    .filter((span) => span.from < span.until);
}

/**
 * On record first, one record for a request. @param dates all that the request may look at
 * @returns undefined where nothing of that time is the customer's: then nothing is opened, and nothing is on record
 */
export async function openOwn(desk: Desk, own: OwnPremises, dates: Dates): Promise<SubjectAccess | undefined> {
  const spans = ownSpans(own, dates, desk.clock.now());
  if (spans.length === 0) return undefined;
  const window = { from: spans[0]!.from, until: spans.at(-1)!.until };
  return await openSubjectData(desk, { purpose: 'customer-view', ...window, subjects: [own.account], person: own.account });
}

/** Days as they stand, in order: closed ones from what was made of the register of truth, the newest from what came so far. */
export async function usageOf(desk: Desk, own: OwnPremises, dates: Dates, access: SubjectAccess): Promise<readonly HomeDay[]> {
  const { account, point } = own;
  const closed = await usageBetween(desk.models.table(DAY_USAGE), { usagePoint: point.usagePoint, subject: account }, dates, access);
  const known = new Set(closed.map(({ day, meterId }) => `${day} ${meterId}`));
  const found: HomeDay[] = [...closed];
  for (const day of openDates(desk, point, dates))
    for (const meterId of metersOn(point, day))
      if (!known.has(`${day} ${meterId}`)) found.push(...(await openDay(desk, own, meterId, day, access)));
  return found.sort((a, b) => a.start - b.start);
}

function openDates({ clock }: Desk, { zone }: OpenUsagePoint, { from, until }: Dates): readonly string[] {
  const today = localDayAt(Math.floor(clock.now() / 1000), zone).day;
  const days: string[] = [];
  for (let day = plusDays(today, -OPEN_DAYS); day <= today; day = plusDays(day, 1)) if (day >= from && day < until) days.push(day);
  return days;
}

function metersOn({ installations, zone }: OpenUsagePoint, day: string): ReadonlySet<string> {
  const { start, end } = localDay(day, zone);
  const there = installations.filter((one) => one.from < end * 1000 && (one.until ?? Infinity) > start * 1000);
  return new Set(there.map(({ meterId }) => meterId));
}

async function openDay(
  desk: Desk,
  { account: subject, point }: OwnPremises,
  meterId: string,
  day: string,
  access: SubjectAccess,
): Promise<HomeDay[]> {
  const came = await usageSoFar(desk, { meterId, day, subject }, access);
  const active = came.filter(({ unit }) => unit === 'Wh').map((one) => hungHere(point, meterId, one));
  const { start, end } = localDay(day, point.zone);
  return [...Map.groupBy(active, ({ minutes }) => minutes)].map(([minutes, channels]) => {
    const slots = Math.floor((end - start) / (minutes * 60));
    const lane = (direction: 'import' | 'export') => {
      const alike = channels.filter((one) => one.direction === direction);
      return openLane(
        registersOf(alike, ({ channel }) => obisOf(point, meterId, channel, start)),
        slots,
      );
    };
    const [taken, sent] = [lane('import'), lane('export')];
    return { day, start, minutes, slots, ...(taken && { import: taken }), ...(sent && { export: sent }) };
  });
}

/** Slots of the time that the meter spent at this usage point. */
function hungHere({ installations }: OpenUsagePoint, meterId: string, usage: UsageSoFar): UsageSoFar {
  const spans = installations.filter((one) => one.meterId === meterId);
  const isHere = (slot: number) => {
    const begin = (usage.start + slot * usage.minutes * 60) * 1000;
    return spans.some(({ from, until = Infinity }) => from <= begin && begin < until);
  };
  return { ...usage, slots: usage.slots.filter(({ slot }) => isHere(slot)), held: usage.held.filter(isHere) };
}

function obisOf({ installations }: OpenUsagePoint, meterId: string, channel: number, start: number): string {
  const held = installations.findLast((one) => one.meterId === meterId && one.from <= (start + 86_400) * 1000);
  return held?.asset.channels[channel]?.obis ?? '';
}

/** Registers of a direction as one; a slot counts when all of them came. */
function openLane(registers: readonly UsageSoFar[], slots: number): UsageLane | undefined {
  if (registers.length === 0) return undefined;
  const lane = { energyWh: new Uint32Array(slots), quality: new Uint8Array(slots).fill(ABSENT) };
  const came = new Uint8Array(slots);
  for (const { slots: values, held } of registers) {
    for (const { slot, energyWh } of values) {
      lane.energyWh[slot] = lane.energyWh[slot]! + energyWh;
      came[slot]!++;
    }
    for (const slot of held) lane.quality[slot] = MISSING;
  }
  for (let slot = 0; slot < slots; slot++) {
    const isWhole = came[slot] === registers.length && lane.quality[slot] === ABSENT;
    if (isWhole) lane.quality[slot] = 0;
    else lane.energyWh[slot] = 0;
  }
  return lane;
}
