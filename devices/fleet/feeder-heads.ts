import type { Channel } from '../../events/meter.ts';
import { seedNumber, unit } from './random.ts';
import type { Measured, Town, TownHome } from './town.ts';

/** What is lost between the head of a feeder and its homes, thousandths of what flows. */
const LOSS_PER_MILLE = 40;
/** Of a home at the worst time of the year, W: what a head has to count in one interval. */
const PEAK_W = 6_000;
/** Counts that a reading has room for, with some to spare. */
const MOST_COUNTS = 60_000;

/** A leaf of the network: its homes by their number in the town. */
interface Feeder {
  readonly leaf: string;
  readonly homes: readonly number[];
  readonly seed: number;
  readonly scale: number;
}

/**
 * The town with a meter of the utility's own at the head of each feeder, behind its homes. What a head measures is what the copper carries:
 * the energy of its homes and the losses on the way, whatever their meters say of it. @param idOf EUI-64 of a device by its name
 */
export function withFeederHeads(said: Town, copper: Town, seed: string, idOf: (name: string) => string): Town {
  const first = said.homes.length;
  const feeders = [...Map.groupBy(said.homes.keys(), (home) => said.homes[home]!.asset.areaLeaf)]
    .map(([leaf, homes]) => ({ leaf, homes, seed: seedNumber(`${seed} feeder ${leaf}`), scale: scaleOf(homes.length, said) }))
    .sort((one, other) => (one.leaf < other.leaf ? -1 : 1));
  const flows = feeders.map((feeder) => new Flow(feeder, copper));
  return {
    ...said,
    homes: [...said.homes, ...feeders.map((feeder) => headOf(feeder, said, idOf(`feeder ${feeder.leaf}`)))],
    measured: (home, channel, end) => (home < first ? said.measured(home, channel, end) : flows[home - first]?.measured(channel, end)),
  };
}

/** Both channels of a head ask for the same interval: it is added up once. */
class Flow {
  readonly #feeder: Feeder;
  readonly #copper: Town;
  #last: { readonly end: number; readonly netWh: number | undefined } | undefined;

  constructor(feeder: Feeder, copper: Town) {
    this.#feeder = feeder;
    this.#copper = copper;
  }

  /** In counts of the head's channels. */
  measured(channel: number, end: number): Measured | undefined {
    if (this.#last?.end !== end) this.#last = { end, netWh: this.#netWh(end) };
    const { netWh } = this.#last;
    if (netWh === undefined || channel > 1) return undefined;
    const { seed, scale } = this.#feeder;
    const flowWh = Math.max(0, channel === 0 ? netWh : -netWh);
    const counts = Math.floor(flowWh / scale + unit(seed, end / 60_000, channel, 31));
    return { value: counts, advance: counts };
  }

  /** What passes the head towards the homes; undefined where the town has no interval. */
  #netWh(end: number): number | undefined {
    let homesWh = 0;
    for (const home of this.#feeder.homes) {
      const [drawn, fedIn] = [this.#copper.measured(home, 0, end), this.#copper.measured(home, 1, end)];
      if (drawn === undefined) return undefined;
      homesWh += drawn.advance - (fedIn?.advance ?? 0);
    }
    return homesWh + (Math.abs(homesWh) * LOSS_PER_MILLE) / 1_000;
  }
}

function scaleOf(homes: number, { intervalMinutes }: Town): number {
  let scale = 1;
  while ((homes * PEAK_W * intervalMinutes) / 60 / scale > MOST_COUNTS) scale *= 10;
  return scale;
}

function headOf({ homes, scale }: Feeder, { homes: all, dcIds, start, intervalMinutes }: Town, meterId: string): TownHome {
  const { areaLeaf, zone, fuseW } = all[homes[0]!]!.asset;
  const channel = (obis: string, direction: Channel['direction']): Channel => {
    return { obis, direction, unit: 'Wh', scale, dials: 9, multiplier: 1, validFrom: start };
  };
  const channels = [channel('1-0:1.8.0', 'import'), channel('1-0:2.8.0', 'export')];
  const asset = { intervalMinutes, channels, fuseW: fuseW * homes.length, zone, areaLeaf, meterClass: 'grid' } as const;
  return { meterId, asset, relays: [dcIds[0]!] };
}
