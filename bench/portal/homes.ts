import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import { RECORD_SIZE, writeRecord } from '../../domain/meterday/records.ts';
import { type PriceZoneCommand, priceZone } from '../../domain/price/price-zone.ts';
import { addMonths } from '../../domain/tariff/dates.ts';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { signAhead } from '../../lambdas/prices/sign-ahead.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { localDay, localDayAt, meterDayStream, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { HOME } from '../../test/support/sealed-town.ts';

type As = (principal: string) => Platform;

/** A home of a customer. */
export interface BenchHome {
  readonly usagePoint: string;
  readonly account: string;
  readonly meterId: string;
}

export const MONTHS = 13;
const ZONE = HOME.zone;
export const PRICE_ZONE = 'bench';
/** Days of a home that are closed side by side: their commits share flushes. */
const SIDE_BY_SIDE = 31;

const TARIFF = {
  ...{ id: 'bench', name: 'Night, day and peak', currency: 'GBP', from: '2000-01-01' },
  charges: [
    {
      ...{ kind: 'energy', code: 'time-of-use' },
      pricing: {
        kind: 'time-of-use',
        bands: [
          { band: 'night', perKWh: '0.12' },
          { band: 'day', perKWh: '0.21' },
          { band: 'peak', perKWh: '0.34' },
        ],
        rules: [
          { band: 'night', when: { from: '23:00', until: '07:00' } },
          { band: 'peak', when: { from: '17:00', until: '20:00' } },
          { band: 'day' },
        ],
      },
    },
  ],
};

/** Local dates, `until` not included. */
export interface ClosedDates {
  readonly from: string;
  readonly until: string;
}

/** The months that are kept, up to yesterday. @param now UTC ms */
export function closedDates(now: number): ClosedDates {
  const today = localDayAt(Math.floor(now / 1000), ZONE).day;
  return { from: addMonths(`${today.slice(0, 8)}01`, -MONTHS), until: today };
}

/** A tariff that is priced by the slot, and its zone, signed ahead. */
export async function openPrices(as: As, at: number): Promise<void> {
  await publishTariff(as('billing'), { file: TARIFF.id, text: JSON.stringify(TARIFF) }, new Map());
  const settings = { tariff: TARIFF.id, timeZone: ZONE, minutes: 15, spreadMicroPerKWh: '0' } as const;
  const commands: PriceZoneCommand[] = [
    { type: 'ProposeZone', zone: PRICE_ZONE, settings, by: 'bench-operator', at },
    { type: 'ApproveZone', zone: PRICE_ZONE, by: 'bench-supervisor', at },
  ];
  await runDecider(as('prices').events, `price/${PRICE_ZONE}`, priceZone, commands);
  await signAhead(as('prices'), PRICE_ZONE);
}

/** Each meter hangs in a home of its own, which has been a customer's for as long as days are closed. */
export async function openHomes(as: As, meterIds: readonly string[], { from }: ClosedDates): Promise<BenchHome[]> {
  const since = localDay(from, ZONE).start * 1000;
  const homes = meterIds.map((meterId, i) => ({ meterId, usagePoint: `home-${i + 1}`, account: `account-${i + 1}` }));
  const { refused } = await openPoints(
    as('enrol'),
    homes.map(({ usagePoint, account, meterId }) => ({
      ...{ usagePoint, premises: `p-${usagePoint}`, zone: ZONE, areaLeaf: HOME.areaLeaf, meterClass: 'residential' as const },
      meter: { meterId, from: since, asset: HOME },
      tenant: { accountId: account, from: since },
      tariff: { tariff: TARIFF.id, from: '2000-01-01' },
    })),
  );
  if (refused.length > 0) throw new Error(`benchmark: a home was refused because of ${refused[0]!.code}`);
  return homes;
}

/** Every day of a home, decided and sealed as the hourly function does it. @returns days */
export async function closeDays(as: As, home: BenchHome, { from, until }: ClosedDates): Promise<number> {
  const days: string[] = [];
  for (let day = from; day < until; day = plusDays(day, 1)) days.push(day);
  const window = { from: localDay(from, ZONE).start * 1000, until: localDay(until, ZONE).start * 1000 };
  const access = await openSubjectData(as('close-day'), { purpose: 'close-day', ...window, subjects: [home.account] });
  for (let n = 0; n < days.length; n += SIDE_BY_SIDE)
    await Promise.all(days.slice(n, n + SIDE_BY_SIDE).map((day) => closeDay(as('close-day'), home, day, access)));
  return days.length;
}

async function closeDay(platform: Platform, home: BenchHome, day: string, access: SubjectAccess): Promise<void> {
  const { usagePoint, account: subject, meterId } = home;
  const { start, end } = localDay(day, ZONE);
  const frame = { usagePoint, meterId, day, part: 1, subject, start, end, minutes: HOME.intervalMinutes, zone: ZONE };
  const { records, registerBefore } = recordsOf(start, end);
  const slots = records.length / RECORD_SIZE;
  const columns = { records, annotations: new Uint8Array(slots * 4), heads: new Uint8Array(0) };
  const channel = { channel: 0, asset: HOME.channels[0]!, capacity: 6_000, ...columns, registerBefore };
  const readings = { frame, through: { segment: '00000', version: 1 }, channels: [channel], seals: [], outages: [], at: 1 };
  const commands: MeterDayCommand[] = [
    { type: 'CollectReadings', readings },
    { type: 'CloseDay', policy: VEE_POLICIES.residential, due: true, hold: true, seal: true, at: 1 },
  ];
  const key = { of: 'usage', subject, month: day.slice(0, 7) } as const;
  await runDecider(platform.events, meterDayStream(meterId, day, 1), meterDay, commands, undefined, { subject: key, access });
}

/** A home that sleeps, cooks and heats: no quarter-hour is like the next. */
function recordsOf(start: number, end: number): { readonly records: Uint8Array; readonly registerBefore: number } {
  const slots = (end - start) / 900;
  const records = new Uint8Array(slots * RECORD_SIZE);
  const registerBefore = 1_000_000;
  let register = registerBefore;
  for (let slot = 0; slot < slots; slot++) {
    const at = start + slot * 900;
    const wh = 40 + Math.round(60 * (1 + Math.sin(at / 13_750))) + ((at / 900) % 37);
    register += wh;
    writeRecord(records, slot, at + 900, register, wh, 0);
  }
  return { records, registerBefore };
}
