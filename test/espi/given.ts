import type { SharedRow, SharedSeries } from '../../exchange/usage/shared-usage.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';

export const TERMS = { base: 'https://share.example.org/espi/1_1/resource/Subscription/s-1', title: 'Usage', updatedAt: 1_800_000_000_000 };
export const BILL = {
  ...{ usagePoint: 'PSEUDONYM0000001', start: 1_792_796_400, end: 1_793_059_200, currency: 'GBP' },
  ...{ totalMicro: '12345675', importWh: 29_200, issuedAt: 1_793_100_000 },
};

/** A day of intervals; `missing` and `estimated` are slots. */
export function daySeries(
  day: string,
  zone: string,
  minutes: number,
  change: { missing?: readonly number[]; estimated?: readonly number[]; edited?: readonly number[] } = {},
  other: Partial<SharedSeries> = {},
): SharedSeries {
  const { start, end } = localDay(day, zone);
  const { missing = [], estimated = [], edited = [] } = change;
  const rows = Array.from({ length: (end - start) / (minutes * 60) }, (_, i): SharedRow => {
    const kind = missing.includes(i) ? 'missing' : estimated.includes(i) ? 'estimated' : edited.includes(i) ? 'edited' : 'measured';
    const quality = { measured: 0, estimated: 0, edited: 0, missing: 0, [kind]: 1 };
    const energyWh = kind === 'missing' ? null : 100 + i;
    return { start: start + i * minutes * 60, end: start + (i + 1) * minutes * 60, energyWh, quality };
  });
  const lane = { usagePoint: 'PSEUDONYM0000001', direction: 'import', unit: 'Wh', zone, resolution: 'interval' } as const;
  return { ...lane, intervalMinutes: minutes, rows, ...other };
}
