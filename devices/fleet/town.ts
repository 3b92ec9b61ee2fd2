import { createHash } from 'node:crypto';
import type { AssetRecord, Channel } from '../../events/meter.ts';
import { Calendar } from './calendar.ts';
import { type HalfHours, loadHalfHours } from './csv.ts';
import { withFeederHeads } from './feeder-heads.ts';
import { FleetInputError, quoted } from './fleet-input-error.ts';
import { demandW, type Household, household } from './household.ts';
import { withMishaps } from './mishaps.ts';
import { SeededRandom, seedNumber, unit } from './random.ts';
import { withStray } from './stray.ts';
import { clearness, sunHeight, temperature } from './weather.ts';

/** What a fleet plays. Every field has a default but the seed and, for a synthetic town, the start. */
export type TownRequest = SyntheticTown | RecordedTown;

interface AnyTown {
  /** Same seed, same town. */
  readonly seed: string;
  readonly intervalMinutes?: 5 | 15 | 30;
  /** Deltas per frame; 4. */
  readonly readingsPerFrame?: 1 | 4 | 24 | 96;
  /** Concentrators dc-1, dc-2, ...; 4. */
  readonly concentrators?: number;
  /** Share of the meters that two concentrators hear; 0.1. */
  readonly heardByTwo?: number;
  /** IANA zone of the usage points; Europe/London. */
  readonly zone?: string;
  /** Concentrator that is evil until `settle`. */
  readonly adversary?: string;
}

export interface SyntheticTown extends AnyTown {
  readonly kind: 'synthetic';
  /** UTC ms, a full hour: the first interval begins here. */
  readonly start: number;
  /** 240. */
  readonly meters?: number;
  /** Share of intervals that are lost at the meter; 0. */
  readonly lost?: number;
  /** A meter of the utility's own at the head of each feeder, behind the homes. */
  readonly feederHeads?: true;
  /** Some meters go wrong that nobody attacked: work for operators. */
  readonly mishaps?: true;
  /** A spare meter in bad hands, behind homes and heads: work for whoever looks after security. */
  readonly stray?: true;
}

export interface RecordedTown extends AnyTown {
  readonly kind: 'csv';
  readonly file: string;
  /** UTC ms of a midnight of the zone; absent = the first one in the file. */
  readonly from?: number;
  /** Local days; absent = to the end of the file. */
  readonly days?: number;
}

/** One interval of one channel, in counts of the channel; at a home a count is a Wh. */
export interface Measured {
  /** Null = lost, no reading is delivered. */
  readonly value: number | null;
  /** By which the register moves all the same. */
  readonly advance: number;
}

export interface TownHome {
  /** EUI-64, locally administered. */
  readonly meterId: string;
  readonly asset: AssetRecord;
  /** Concentrators that hear the meter, the nearest first. */
  readonly relays: readonly string[];
  /** It hangs nowhere. */
  readonly spare?: true;
}

/** Homes, who hears them, and their energy. Heads of feeders and a spare meter, where there are any, come behind the homes. */
export interface Town {
  readonly intervalMinutes: 5 | 15 | 30;
  /** UTC ms: begin of the first interval. */
  readonly start: number;
  /** UTC ms: end of the last interval, Infinity for a synthetic town. */
  readonly end: number;
  readonly dcIds: readonly string[];
  readonly homes: readonly TownHome[];
  /** The interval that ends at `end` (UTC ms), undefined when the town has none there. Any order, always the same. */
  measured(home: number, channel: number, end: number): Measured | undefined;
}

const ZONE = 'Europe/London';
const LATITUDE = 51.5;
const CHANNEL = { unit: 'Wh', scale: 1, dials: 9, multiplier: 1 } as const;
const FUSE_W = 23_000;

/** @throws ERR_FLEET_INPUT when the request or its file can't be played */
export async function makeTown(request: TownRequest): Promise<Town> {
  checkRequest(request);
  return request.kind === 'csv' ? recordedTown(request) : marred(request, syntheticTown(request));
}

/** What meters say is marred; what flows is not. */
function marred({ seed, feederHeads, mishaps, stray }: SyntheticTown, copper: Town): Town {
  const idOf = (name: string) => meterIdOf(seed, name);
  const said = mishaps ? withMishaps(copper) : copper;
  const headed = feederHeads ? withFeederHeads(said, copper, seed, idOf) : said;
  return stray ? withStray(headed, idOf) : headed;
}

function checkRequest(request: TownRequest): void {
  const { concentrators = 4, heardByTwo = 0.1, adversary, intervalMinutes = 15 } = request;
  const refuse = (what: string): never => {
    throw new FleetInputError(`The town can't be built: ${what}.`);
  };
  if (!Number.isInteger(concentrators) || concentrators < 1 || concentrators > 1_000) refuse('give 1 to 1000 concentrators');
  if (![5, 15, 30].includes(intervalMinutes)) refuse('intervals have 5, 15 or 30 minutes');
  if (!(heardByTwo >= 0 && heardByTwo <= 1)) refuse('the share heard by two lies between 0 and 1');
  if (adversary !== undefined && !dcNames(concentrators).includes(adversary)) {
    refuse(`no concentrator is named ${quoted(adversary)}; there are dc-1 to dc-${concentrators}`);
  }
  if (request.kind === 'csv') return;
  const { meters = 240, start } = request;
  if (!Number.isInteger(meters) || meters < 1 || meters > 1_000_000) refuse('give 1 to 1000000 meters');
  if (!(start >= 0 && start % 3_600_000 === 0)) refuse('it starts on a full hour, in UTC milliseconds');
}

async function recordedTown(request: RecordedTown): Promise<Town> {
  const minutes = request.intervalMinutes ?? 15;
  const { from, days, zone = ZONE } = request;
  const window = { intervalMinutes: minutes, zone, ...(from === undefined ? {} : { from }), ...(days === undefined ? {} : { days }) };
  const recorded: HalfHours = await loadHalfHours(request.file, window);
  const layout = layOut(request, recorded.homes, recorded.start, () => false);
  return {
    ...layout,
    start: recorded.start,
    end: recorded.end,
    measured: (home, channel, end) => (channel === 0 ? recorded.interval(home, end, minutes) : undefined),
  };
}

function syntheticTown(request: SyntheticTown): Town {
  const { meters = 240, start, lost = 0 } = request;
  const seed = seedNumber(request.seed);
  const households = Array.from({ length: meters }, (_, index) => household(seed, index));
  const names = households.map((_, index) => `home ${index}`);
  const layout = layOut(request, names, start, (index) => households[index]!.solarW > 0);
  const minutes = layout.intervalMinutes;
  const sky = new Sky(seed, request.zone ?? ZONE, minutes);
  return {
    ...layout,
    start,
    end: Number.POSITIVE_INFINITY,
    measured(home, channel, end) {
      const who = households[home];
      if (who === undefined || end <= start || (channel === 1 && who.solarW === 0) || channel > 1) return undefined;
      const net = sky.netW(who, end);
      const wh = Math.floor((Math.max(0, channel === 0 ? net : -net) * minutes) / 60 + unit(who.seed, end / 60_000, channel, 31));
      const value = lost > 0 && unit(who.seed, end / 60_000, channel, 32) < lost ? null : wh;
      return { value, advance: wh };
    },
  };
}

/** Weather and daylight, the same for the whole town, and what they make of a home's net power. */
class Sky {
  readonly #seed: number;
  readonly #calendar: Calendar;
  readonly #longitude: number;
  readonly #intervalMs: number;

  constructor(seed: number, zone: string, intervalMinutes: number) {
    this.#seed = seed;
    try {
      this.#calendar = new Calendar(zone);
      // winter time of a zone is about that of its meridian
      this.#longitude = this.#calendar.offset(Date.UTC(2025, 0, 15)) / 4;
    } catch (cause) {
      throw new FleetInputError(`${quoted(zone)} is no time zone. Write it like Europe/London.`, cause);
    }
    this.#intervalMs = intervalMinutes * 60_000;
  }

  /** Mean W drawn from the grid in the interval that ends at `end`; negative = fed into it. */
  netW(home: Household, end: number): number {
    const middle = end - this.#intervalMs / 2;
    const local = this.#calendar.local(middle);
    const slot = Math.floor(middle / this.#intervalMs);
    const demand = Math.min(FUSE_W * 0.8, demandW(home, local, slot, temperature(this.#seed, local)));
    if (home.solarW === 0) return demand;
    const height = sunHeight(middle, LATITUDE, this.#longitude);
    if (height <= 0) return demand;
    return demand - home.solarW * 0.85 * height ** 1.15 * clearness(this.#seed, local);
  }
}

function layOut(request: TownRequest, names: readonly string[], start: number, hasRoof: (index: number) => boolean) {
  const dcIds = dcNames(request.concentrators ?? 4);
  const intervalMinutes = request.intervalMinutes ?? 15;
  const random = new SeededRandom(`${request.seed} relays`);
  const order = random.shuffled(names.map((_, index) => index));
  const homes: TownHome[] = new Array(names.length);
  for (const [rank, index] of order.entries()) {
    const nearest = rank % dcIds.length;
    const second = (nearest + 1 + random.integer(Math.max(1, dcIds.length - 1))) % dcIds.length;
    const two = random.chance(request.heardByTwo ?? 0.1) && second !== nearest;
    homes[index] = {
      meterId: meterIdOf(request.seed, names[index]!),
      asset: assetOf(intervalMinutes, start, hasRoof(index), request.zone ?? ZONE, leafOf(rank / names.length)),
      relays: two ? [dcIds[nearest]!, dcIds[second]!] : [dcIds[nearest]!],
    };
  }
  return { intervalMinutes, dcIds, homes };
}

/** Leaves of the network and their shares of the homes: in a small town the last is too small to be told of alone. */
const LEAVES = [
  ['harbour', 0.46],
  ['hill', 0.46],
  ['mill', 0.08],
] as const;

/** @param at place of the home among all, 0 up to 1 */
function leafOf(at: number): string {
  let end = 0;
  for (const [leaf, share] of LEAVES) {
    end += share;
    if (at < end) return leaf;
  }
  return LEAVES.at(-1)![0];
}

function dcNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `dc-${index + 1}`);
}

function assetOf(intervalMinutes: number, start: number, roof: boolean, zone: string, areaLeaf: string): AssetRecord {
  const imported: Channel = { ...CHANNEL, obis: '1-0:1.8.0', direction: 'import', validFrom: start };
  const exported: Channel = { ...CHANNEL, obis: '1-0:2.8.0', direction: 'export', validFrom: start };
  return { intervalMinutes, channels: roof ? [imported, exported] : [imported], fuseW: FUSE_W, zone, areaLeaf };
}

/** EUI-64 of a home: locally administered, one device, the rest from seed and name. */
export function meterIdOf(seed: string, name: string): string {
  const id = createHash('sha256').update(`joulekeep meter ${seed} ${name}`).digest().subarray(0, 8);
  id[0] = (id[0]! & 0xfc) | 0x02;
  return id.toString('hex');
}
