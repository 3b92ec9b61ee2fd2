import { type MeterPart, type MeterStay, partsOfDay, staysWith } from '../../domain/usagepoint/day-parts.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { type AssetRecord, JoulekeepError } from '../../events/index.ts';
import type { ImportedBlock } from '../../exchange/import.ts';
import { usagePointState } from '../../lambdas/register/change-point.ts';
import { localDayOfSlot, meterDayStream } from '../../lambdas/shared/days/local-days.ts';
import { pointOf } from '../../lambdas/shared/days/points.ts';
import type { Platform } from '../../platform/ports/platform.ts';

/** Where an interval of a file belongs in the register of truth. */
export interface ImportPlace {
  /** Of the day, or of the part of it. */
  readonly stream: string;
  readonly channel: number;
  /** The part as the usage point says, UTC s. */
  readonly start: number;
  readonly end: number;
  /** Ends of the slots that the interval covers, UTC s: one, or more of a coarser reading. */
  readonly ends: readonly number[];
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

export interface ImportRules {
  /** The file names a meter of its own (a check meter): the usage point decides. */
  readonly anyMeter: boolean;
  /** Intervals may be longer than the meter's: their slots share them. */
  readonly coarser: boolean;
}

/** Finds meters, channels and days of a file's blocks by the one rule that divides days; each usage point is read once. */
export class ImportPlaces {
  readonly #platform: Platform;
  readonly #rules: ImportRules;
  readonly #points = new Map<string, OpenUsagePoint | undefined>();
  readonly #parts = new Map<string, readonly MeterPart[]>();

  constructor(platform: Platform, rules: ImportRules) {
    this.#platform = platform;
    this.#rules = rules;
  }

  /** @param end of one interval of the block, UTC s */
  async of(block: ImportedBlock, end: number): Promise<ImportPlace | Unplaced> {
    const begin = end - block.minutes * 60;
    const id = block.usagePoint === '' ? await this.#pointOfMeter(block.meter, begin) : block.usagePoint;
    const point = id === undefined ? undefined : await this.#point(id);
    if (point === undefined) return `no usage point "${block.usagePoint}" for meter "${block.meter}"`;
    const held = point.installations.filter(({ from, until = Infinity }) => from <= begin * 1000 && begin * 1000 < until);
    const named = held.find(({ meterId }) => meterId === block.meter);
    const meter = named ?? (this.#rules.anyMeter || block.meter === '' ? held[0] : undefined);
    if (meter === undefined) return `meter "${block.meter}" does not hang at ${point.usagePoint} then`;
    const channel = channelOf(meter.asset, block);
    if (channel === undefined) return `meter ${meter.meterId} has no channel "${block.register}" of ${block.unit}`;
    const { intervalMinutes } = meter.asset;
    const slots = block.minutes / intervalMinutes;
    if (slots !== 1 && !(this.#rules.coarser && Number.isInteger(slots)))
      return `intervals of ${block.minutes} minutes, the meter has ${intervalMinutes}`;
    const step = intervalMinutes * 60;
    const ends = Array.from({ length: slots }, (_, i) => begin + (i + 1) * step);
    return (
      (await this.#partOf(point, meter.meterId, channel, ends)) ??
      `the interval that ends at ${instantText(end)} reaches over two parts of a day`
    );
  }

  async #partOf(point: OpenUsagePoint, meterId: string, channel: number, ends: readonly number[]): Promise<ImportPlace | undefined> {
    const { day, start, end } = localDayOfSlot(ends[0]!, point.zone);
    const key = `${point.usagePoint} ${meterId} ${day}`;
    const parts = this.#parts.get(key) ?? partsOfDay(await this.#stays(point, meterId), start * 1000, end * 1000);
    this.#parts.set(key, parts);
    const part = parts.find(({ from, until }) => ends.every((slot) => from < slot * 1000 && slot * 1000 <= until));
    if (part === undefined) return undefined;
    return { stream: meterDayStream(meterId, day, part.number), channel, start: part.from / 1000, end: part.until / 1000, ends };
  }

  async #stays(point: OpenUsagePoint, meterId: string): Promise<readonly MeterStay[]> {
    const [known = []] = await pointOf(this.#platform, [meterId]);
    return staysWith(point, meterId, known);
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

function instantText(at: number): string {
  return new Date(at * 1000).toISOString();
}
