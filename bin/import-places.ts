import type { OpenUsagePoint } from '../domain/usagepoint/usagepoint-state.ts';
import { type AssetRecord, JoulekeepError } from '../events/index.ts';
import type { ImportedBlock } from '../exchange/import.ts';
import { usagePointState } from '../lambdas/register/change-point.ts';
import { pointOf } from '../lambdas/shared/points.ts';
import type { Platform } from '../platform/ports/platform.ts';

/** Whose channel a block of a file is about. */
export interface ImportPlace {
  readonly meterId: string;
  readonly channel: number;
  readonly zone: string;
}

/** What is wrong, in words, where a block is of nothing known. */
export type Unplaced = string;

/** First characters of NMI suffixes. @source AEMO, National Metering Identifier procedure, data stream suffixes */
const SUFFIXES: Readonly<Record<string, readonly [unit: string, direction: string | undefined]>> = {
  E: ['Wh', 'import'],
  B: ['Wh', 'export'],
  Q: ['varh', 'import'],
  K: ['varh', 'export'],
  T: ['VAh', undefined],
};

/** Finds meters and channels of a file's blocks; each usage point is read once. */
export class ImportPlaces {
  readonly #platform: Platform;
  readonly #anyMeter: boolean;
  readonly #points = new Map<string, OpenUsagePoint | undefined>();

  /** @param anyMeter the file names a meter of its own (a check meter): the usage point decides */
  constructor(platform: Platform, anyMeter: boolean) {
    this.#platform = platform;
    this.#anyMeter = anyMeter;
  }

  /** @param at UTC s, begin of the block's first slot with a value */
  async of(block: ImportedBlock, at: number): Promise<ImportPlace | Unplaced> {
    const id = block.usagePoint === '' ? await this.#pointOfMeter(block.meter, at) : block.usagePoint;
    const point = id === undefined ? undefined : await this.#point(id);
    if (point === undefined) return `no usage point "${block.usagePoint}" for meter "${block.meter}"`;
    const held = point.installations.filter(({ from, until = Infinity }) => from <= at * 1000 && at * 1000 < until);
    const named = held.find(({ meterId }) => meterId === block.meter);
    const meter = named ?? (this.#anyMeter || block.meter === '' ? held[0] : undefined);
    if (meter === undefined) return `meter "${block.meter}" does not hang at ${point.usagePoint} then`;
    const channel = channelOf(meter.asset, block);
    if (channel === undefined) return `meter ${meter.meterId} has no channel "${block.register}" of ${block.unit}`;
    if (meter.asset.intervalMinutes !== block.minutes)
      return `intervals of ${block.minutes} minutes, the meter has ${meter.asset.intervalMinutes}`;
    return { meterId: meter.meterId, channel, zone: point.zone };
  }

  async #point(id: string): Promise<OpenUsagePoint | undefined> {
    if (!this.#points.has(id)) this.#points.set(id, await known(this.#platform, id));
    return this.#points.get(id);
  }

  async #pointOfMeter(meterId: string, at: number): Promise<string | undefined> {
    const [points = []] = await pointOf(this.#platform, [meterId]);
    return points.find(({ installed }) => installed.some(({ from, until = Infinity }) => from <= at * 1000 && at * 1000 < until))
      ?.usagePoint;
  }
}

async function known(platform: Platform, id: string): Promise<OpenUsagePoint | undefined> {
  try {
    return await usagePointState(platform, id);
  } catch (error) {
    if (error instanceof JoulekeepError && ['ERR_POINT_UNKNOWN', 'ERR_POINT_ID'].includes(error.code)) return undefined;
    throw error;
  }
}

/** By number, or the n-th channel of the suffix's unit and direction. */
function channelOf({ channels }: AssetRecord, { register, unit }: ImportedBlock): number | undefined {
  if (/^\d+$/.test(register)) return channels[Number(register)]?.unit === unit ? Number(register) : undefined;
  const [letter = '', ordinal] = [register.charAt(0), Number(register.slice(1))];
  const wanted = SUFFIXES[letter];
  if (wanted === undefined || wanted[0] !== unit) return undefined;
  const alike = channels.flatMap((channel, i) =>
    channel.unit === unit && (wanted[1] ?? channel.direction) === channel.direction ? [i] : [],
  );
  return alike[ordinal - 1];
}
