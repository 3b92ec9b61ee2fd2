import type { Channel } from '../../events/index.ts';

/** What one count of a channel is worth from an instant on (UTC ms), besides its scale. */
export interface MultiplierFrom {
  readonly channel: number;
  readonly multiplier: number;
  readonly from: number;
}

/**
 * Of a channel at an instant: the correction that is valid then, else the asset record.
 * @param multipliers rising; of two for the same instant the later recorded one is behind @param instant UTC ms
 */
export function multiplierOf(asset: Pick<Channel, 'multiplier'>, channel: number, multipliers: readonly MultiplierFrom[], instant: number) {
  return multipliers.findLast((one) => one.channel === channel && one.from <= instant)?.multiplier ?? asset.multiplier;
}

/**
 * Instants at which a count of some channel begins to be worth something else, rising: a day of readings has one worth, so it is
 * divided there. UTC ms.
 */
export function worthChanges(channels: readonly Pick<Channel, 'multiplier'>[], multipliers: readonly MultiplierFrom[]): readonly number[] {
  if (multipliers.length === 0) return [];
  const instants = [...new Set(multipliers.map(({ from }) => from))].sort((a, b) => a - b);
  return instants.filter((at) =>
    channels.some((asset, number) => multiplierOf(asset, number, multipliers, at) !== multiplierOf(asset, number, multipliers, at - 1)),
  );
}
