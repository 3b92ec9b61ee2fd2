import type { AssetRecord, PointStated, StatedMeter, StatedMultiplier, TenancySpan } from '../../events/index.ts';
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
    multipliers: multipliersIn(state, meters),
    tariffs: tariffsIn(state, spans),
  };
}

/** Each for the time that it hung there and was the tenant's: since when it hung before, and until when after, is another's. */
function metersIn({ installations }: OpenUsagePoint, spans: readonly DatedSpan[]): StatedMeter[] {
  return spans.flatMap((span) =>
    installations.flatMap(({ meterId, asset, ...held }): StatedMeter[] => {
      const from = Math.max(held.from, span.from);
      const until = Math.min(held.until ?? Infinity, span.until ?? Infinity);
      if (from >= until) return [];
      return [{ meterId, from, ...(until === Infinity ? {} : { until }), asset: assetFrom(asset, from) }];
    }),
  );
}

function assetFrom(asset: AssetRecord, from: number): AssetRecord {
  return { ...asset, channels: asset.channels.map((channel) => ({ ...channel, validFrom: Math.max(channel.validFrom, from) })) };
}

/** What is in force when a meter's time begins is told as from then on. */
function multipliersIn({ multipliers }: OpenUsagePoint, meters: readonly StatedMeter[]): StatedMultiplier[] {
  const rising = multipliers.toSorted((a, b) => a.validFrom - b.validFrom);
  return meters.flatMap(({ meterId, from, until = Infinity, asset }) =>
    asset.channels.flatMap((_channel, channel) =>
      inForce(
        rising
          .filter((one) => one.meterId === meterId && one.channel === channel)
          .map(({ multiplier, validFrom }) => ({ multiplier, validFrom })),
        ({ validFrom }) => (validFrom <= from ? 'before' : validFrom < until ? 'within' : 'behind'),
      ).map(({ multiplier, validFrom }) => ({ meterId, channel, multiplier, validFrom: Math.max(validFrom, from) })),
    ),
  );
}

function tariffsIn({ tariffs }: OpenUsagePoint, spans: readonly DatedSpan[]): StatedPoint['tariffs'] {
  return spans.flatMap(({ firstDay, lastDay }) =>
    inForce(tariffs, ({ from }) => (from <= firstDay ? 'before' : lastDay === undefined || from <= lastDay ? 'within' : 'behind')).map(
      ({ tariff, from }) => ({ tariff, from: [from, firstDay].sort().at(-1)! }),
    ),
  );
}

/** Of what holds until the next does: the last from before, and all from within. @param rising by when it begins to hold */
function inForce<One>(rising: readonly One[], when: (one: One) => 'before' | 'within' | 'behind'): readonly One[] {
  const first = rising.findLastIndex((one) => when(one) === 'before');
  return rising.filter((one, i) => i === first || when(one) === 'within');
}
