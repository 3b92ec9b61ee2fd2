import type { PointStated, StatedMeter, StatedMultiplier, TenancySpan, UsagePointEvent } from '../../events/index.ts';
import { spansOf } from './tenancy.ts';
import type { StatedSpan, StatePoint } from './usagepoint-command.ts';
import type { OpenUsagePoint } from './usagepoint-state.ts';

/** What a tenant is told of the usage point; `[]` where they were told the same, or the tenancy is another by now. */
export function statePoint(state: OpenUsagePoint, { subject, spans, at }: StatePoint): UsagePointEvent[] {
  const before = state.stated?.get(subject);
  if (!sameSpans(spans, state, subject)) return [];
  const meters = metersIn(state, spans);
  const data: PointStated = {
    subject,
    spans: spans.map(({ from, until }) => (until === undefined ? { from } : { from, until })),
    meters,
    multipliers: multipliersIn(state, meters, spans),
    tariffs: tariffsIn(state, spans),
    at,
  };
  return before !== undefined && told(before) === told(data) ? [] : [{ type: 'PointStated', data }];
}

function metersIn({ installations }: OpenUsagePoint, spans: readonly StatedSpan[]): StatedMeter[] {
  const end = endOf(spans);
  return installations
    .filter((held) => spans.some(({ from, until = Infinity }) => held.from < until && from < (held.until ?? Infinity)))
    .map(({ meterId, from, until, asset }) => ({ meterId, from, ...(until === undefined || until > end ? {} : { until }), asset }));
}

function multipliersIn({ multipliers }: OpenUsagePoint, meters: readonly StatedMeter[], spans: readonly StatedSpan[]): StatedMultiplier[] {
  const end = endOf(spans);
  return multipliers
    .filter((one) => one.validFrom < end && meters.some(({ meterId }) => meterId === one.meterId))
    .map(({ meterId, channel, multiplier, validFrom }) => ({ meterId, channel, multiplier, validFrom }));
}

function tariffsIn({ tariffs }: OpenUsagePoint, spans: readonly StatedSpan[]): PointStated['tariffs'] {
  return tariffs.filter(({ from }, i) => {
    const next = tariffs[i + 1]?.from;
    return spans.some(({ firstDay, lastDay }) => (lastDay === undefined || from <= lastDay) && (next === undefined || next > firstDay));
  });
}

function endOf(spans: readonly TenancySpan[]): number {
  const last = spans.at(-1);
  return last === undefined ? 0 : (last.until ?? Infinity);
}

function sameSpans(spans: readonly TenancySpan[], { tenancy }: OpenUsagePoint, subject: string): boolean {
  const now = spansOf(tenancy, subject, Infinity);
  return (
    now.length === spans.length && now.every(({ from, until }, i) => spans[i]!.from === from && (spans[i]!.until ?? Infinity) === until)
  );
}

function told({ spans, meters, multipliers, tariffs }: PointStated): string {
  const held = meters.map(({ meterId, from, until = null }) => [meterId, from, until]);
  const worth = multipliers.map(({ meterId, channel, multiplier, validFrom }) => [meterId, channel, multiplier, validFrom]);
  return JSON.stringify([
    spans.map(({ from, until = null }) => [from, until]),
    held,
    worth,
    tariffs.map(({ tariff, from }) => [tariff, from]),
  ]);
}
