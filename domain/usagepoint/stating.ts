import type { PointStated, StatedMeter, StatedMultiplier, TenancySpan } from '../../events/index.ts';
import type { OpenUsagePoint } from './usagepoint-state.ts';

/** A tenancy and the local dates, `yyyy-mm-dd`, of its first and its last instant. */
export interface DatedSpan extends TenancySpan {
  readonly firstDay: string;
  readonly lastDay?: string;
}

/** What a usage point is to the tenant of these spans: nothing of it is of another time. */
export type StatedPoint = Pick<PointStated, 'spans' | 'meters' | 'multipliers' | 'tariffs'>;

/** @param spans as the usage point has them, oldest first */
export function statedPoint(state: OpenUsagePoint, spans: readonly DatedSpan[]): StatedPoint {
  const meters = metersIn(state, spans);
  return {
    spans: spans.map(({ from, until }) => (until === undefined ? { from } : { from, until })),
    meters,
    multipliers: multipliersIn(state, meters, spans),
    tariffs: tariffsIn(state, spans),
  };
}

function metersIn({ installations }: OpenUsagePoint, spans: readonly DatedSpan[]): StatedMeter[] {
  const end = endOf(spans);
  return installations
    .filter((held) => spans.some(({ from, until = Infinity }) => held.from < until && from < (held.until ?? Infinity)))
    .map(({ meterId, from, until, asset }) => ({ meterId, from, ...(until === undefined || until > end ? {} : { until }), asset }));
}

function multipliersIn({ multipliers }: OpenUsagePoint, meters: readonly StatedMeter[], spans: readonly DatedSpan[]): StatedMultiplier[] {
  const end = endOf(spans);
  return multipliers
    .filter((one) => one.validFrom < end && meters.some(({ meterId }) => meterId === one.meterId))
    .map(({ meterId, channel, multiplier, validFrom }) => ({ meterId, channel, multiplier, validFrom }));
}

function tariffsIn({ tariffs }: OpenUsagePoint, spans: readonly DatedSpan[]): StatedPoint['tariffs'] {
  return tariffs.filter(({ from }, i) => {
    const next = tariffs[i + 1]?.from;
    return spans.some(({ firstDay, lastDay }) => (lastDay === undefined || from <= lastDay) && (next === undefined || next > firstDay));
  });
}

function endOf(spans: readonly TenancySpan[]): number {
  const last = spans.at(-1);
  return last === undefined ? 0 : (last.until ?? Infinity);
}
