import type { Channel } from '../../events/index.ts';
import type { BilledDay } from './proven-days.ts';

/** What a count of a meter is worth: no meter signs it, it is what the utility says of the meter. */
export interface Worth extends Pick<Channel, 'direction' | 'unit'> {
  readonly meterId: string;
  readonly channel: number;
  /** Units of one count. */
  readonly perCount: number;
}

/** Of every channel of the days each worth that it had, in the order of the bill. */
export function worthsIn(days: readonly BilledDay[]): readonly Worth[] {
  const worths = days.flatMap(({ state: { frame, channels } }) =>
    channels.flatMap((one, channel): Worth[] => {
      if (one === undefined) return [];
      const { direction, unit } = one.asset;
      return [{ meterId: frame.meterId, channel, direction, unit, perCount: one.perCount }];
    }),
  );
  return [...new Map(worths.map((worth) => [JSON.stringify(worth), worth])).values()];
}
