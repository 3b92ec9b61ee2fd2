import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import { RECORD_SIZE, writeRecord } from '../../domain/meterday/records.ts';
import type { MeterDayState } from '../../domain/meterday/state.ts';
import { VEE_POLICIES } from '../../domain/vee/policy.ts';
import type { DayFrame, ReadingsCollected } from '../../events/index.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { openPoints, type PointEntry } from '../../lambdas/register/open-points.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { localDay, meterDayStream } from '../../lambdas/shared/days/local-days.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ASSET } from '../subjects/given.ts';

const ZONE = 'Europe/London';
/** Three days, the clock is put back on the second. */
export const PERIOD = { from: '2026-10-24', until: '2026-10-27' };
export const DATES = ['2026-10-24', '2026-10-25', '2026-10-26'];
/** 0.25 per kWh. */
export const TARIFF = {
  id: 'flat',
  name: 'Flat',
  currency: 'GBP',
  from: '2026-01-01',
  charges: [{ kind: 'energy', code: 'flat', pricing: { kind: 'flat', perKWh: '0.25' } }],
};
export const HOMES = ['home-1', 'home-2'];

type World = (principal: string) => Platform;

/** Two homes with a meter, a tenant and a tariff each. */
export async function openHomes(as: World): Promise<void> {
  const since = localDay('2026-10-01', ZONE).start * 1000;
  const entries = HOMES.map((usagePoint): PointEntry => {
    const point = { usagePoint, premises: `p-${usagePoint}`, zone: ZONE, areaLeaf: 'north-1', meterClass: 'residential' as const };
    const meter = { meterId: meterOf(usagePoint), from: since, asset: ASSET };
    return { ...point, meter, tenant: { accountId: `acc-${usagePoint}`, from: since }, tariff: { tariff: 'flat', from: '2026-01-01' } };
  });
  const { opened } = await openPoints(as('enrol'), entries);
  if (opened !== entries.length) throw new Error('the homes could not be opened');
  await publishTariff(as('billing'), { file: 'flat.json', text: JSON.stringify(TARIFF) }, new Map());
}

export function meterOf(usagePoint: string): string {
  return `00124b000000000${usagePoint.at(-1)}`;
}

export function frameOf(usagePoint: string, day: string): DayFrame {
  const { start, end } = localDay(day, ZONE);
  return { usagePoint, meterId: meterOf(usagePoint), day, part: 1, subject: `acc-${usagePoint}`, start, end, minutes: 15, zone: ZONE };
}

/** Closes a day in which every slot had so many Wh, as close-day does. */
export async function closeDay(as: World, usagePoint: string, day: string, wh: number, ...more: MeterDayCommand[]): Promise<void> {
  await closePart(as, frameOf(usagePoint, day), wh, {}, ...more);
}

/** What of a day came: slots of the day before the part, slots without a value. */
interface Came {
  readonly first?: number;
  readonly gap?: readonly number[];
  /** False: with estimates in it, the day is provisional. */
  readonly due?: boolean;
}

/** The same of a part of a day, or with a gap. */
export async function closePart(as: World, frame: DayFrame, wh: number, came: Came, ...more: MeterDayCommand[]): Promise<void> {
  const { first = 0, gap = [], due = true } = came;
  const slots = (frame.end - frame.start) / 900;
  const records = new Uint8Array(slots * RECORD_SIZE);
  for (let i = 0; i < slots; i++)
    writeRecord(records, i, frame.start + (i + 1) * 900, (first + i + 1) * wh, gap.includes(i) ? 0xffff : wh, 0);
  const columns = { records, annotations: new Uint8Array(slots * 4), heads: new Uint8Array(0) };
  const channel = { channel: 0, asset: ASSET.channels[0]!, capacity: 6_000, ...columns, registerBefore: first * wh };
  await closeFrame(as, frame, [channel], { due }, ...more);
}

/** A day with these readings and no others, closed as close-day does. @returns how it stands then */
export async function closeFrame(
  as: World,
  frame: DayFrame,
  channels: ReadingsCollected['channels'],
  { due }: { readonly due: boolean },
  ...more: MeterDayCommand[]
): Promise<MeterDayState> {
  const platform = as('close-day');
  const readings = { frame, through: { segment: '00000', version: 1 }, channels, seals: [], outages: [], at: 1 };
  const commands: MeterDayCommand[] = [
    { type: 'CollectReadings', readings },
    { type: 'CloseDay', policy: VEE_POLICIES.residential, due, hold: true, seal: true, at: 1 },
    ...more,
  ];
  const window = { from: frame.start * 1000, until: frame.end * 1000 };
  const access = await openSubjectData(platform, { purpose: 'close-day', ...window, subjects: [frame.subject] });
  const subject = { of: 'usage', subject: frame.subject, month: frame.day.slice(0, 7) } as const;
  const stream = meterDayStream(frame.meterId, frame.day, frame.part);
  return (await runDecider(platform.events, stream, meterDay, commands, undefined, { subject, access })).state;
}

/** 24, 25 and 26 October: 96, 100 and 96 slots. */
export async function closeAll(as: World, usagePoint: string, wh: number): Promise<void> {
  for (const day of DATES) await closeDay(as, usagePoint, day, wh);
}
