import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Rebuild } from '../../platform/ports/read-models.ts';
import { isSealedFromReader } from '../shared/days/day-streams.ts';
import { ACCESS_TABLES, AccessProjection } from './access-projection.ts';
import { DAY_TABLES, DayProjection } from './day-projection.ts';
import { DEVICE_TABLES, DeviceProjection, METER_STREAMS, RELAY_STREAMS } from './device-projection.ts';
import { RELAY_TABLES, RelayProjection } from './relay-projection.ts';
import { SEGMENT_TABLES, SegmentProjection } from './segment-projection.ts';
import { accessTables, dayTables, deviceTables, relayTables, segmentTables, tablesOf } from './tables.ts';

/** What can be made anew: groups of tables that are folded together. */
export const MODELS = ['segments', 'days', 'relays', 'devices', 'accesses'] as const;
export type Model = (typeof MODELS)[number];

/** Days whose access is asked for at once. */
const DAYS_AT_ONCE = 500;

export interface Rebuilt {
  readonly streams: number;
}

/**
 * Makes the tables of a model anew from the streams, beside those in use, and switches. What is recorded meanwhile is taken
 * up before and after the switch. A fault leaves the tables in use as they are.
 * @throws ERR_MODEL_UNKNOWN, and whatever a stream that can't be read throws
 */
export async function rebuildModel(
  platform: Platform,
  model: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Rebuilt> {
  if (model === 'segments') return await rebuildTables(platform, SEGMENT_TABLES, segmentsInto(platform), onProgress);
  if (model === 'days') return await rebuildTables(platform, DAY_TABLES, daysInto(platform), onProgress);
  if (model === 'relays') return await rebuildTables(platform, RELAY_TABLES, relaysInto(platform), onProgress);
  if (model === 'devices') return await rebuildTables(platform, DEVICE_TABLES, devicesInto(platform), onProgress);
  if (model === 'accesses') return await rebuildTables(platform, ACCESS_TABLES, accessesInto(platform), onProgress);
  throw new JoulekeepError('ERR_MODEL_UNKNOWN', `${model}: one of ${MODELS.join(', ')} is expected`);
}

/** How the tables in use of each model are brought up to where streams are. */
export function foldings(platform: Platform): Readonly<Record<Model, InUse>> {
  return {
    segments: { names: SEGMENT_TABLES, ...segmentsInto(platform) },
    days: { names: DAY_TABLES, ...daysInto(platform) },
    relays: { names: RELAY_TABLES, ...relaysInto(platform) },
    devices: { names: DEVICE_TABLES, ...devicesInto(platform) },
    accesses: { names: ACCESS_TABLES, ...accessesInto(platform) },
  };
}

export interface InUse extends Pick<Folding<string>, 'prefixes' | 'atOnce'> {
  /** Of its tables. */
  readonly names: readonly string[];
  readonly fold: (streams: readonly string[]) => Promise<void>;
}

interface Folding<Name extends string> {
  /** In the order of names. */
  readonly prefixes: readonly string[];
  readonly atOnce: number;
  /** Brings tables up to where these streams are; the tables in use when none are given. */
  readonly fold: (streams: readonly string[], rebuilds?: Readonly<Record<Name, Rebuild>>) => Promise<void>;
}

async function rebuildTables<Name extends string>(
  platform: Platform,
  names: readonly Name[],
  { prefixes, atOnce, fold }: Folding<Name>,
  onProgress: (done: number, total: number) => void,
): Promise<Rebuilt> {
  const streams = await streamsOf(platform, prefixes);
  const rebuilds = await begin(platform, names);
  try {
    for (let i = 0; i < streams.length; i += atOnce) {
      await fold(streams.slice(i, i + atOnce), rebuilds);
      onProgress(Math.min(i + atOnce, streams.length), streams.length);
    }
    for (const name of names) await rebuilds[name].switch();
  } catch (error) {
    for (const name of names) await rebuilds[name].abandon();
    throw error;
  }
  // What came while the old tables were in use went there.
  const now = await streamsOf(platform, prefixes);
  for (let i = 0; i < now.length; i += atOnce) await fold(now.slice(i, i + atOnce));
  return { streams: streams.length };
}

async function streamsOf({ events }: Platform, prefixes: readonly string[]): Promise<readonly string[]> {
  return (await Promise.all(prefixes.map((prefix) => Array.fromAsync(events.streams(prefix))))).flat();
}

async function begin<Name extends string>(platform: Platform, names: readonly Name[]): Promise<Readonly<Record<Name, Rebuild>>> {
  const rebuilds: [Name, Rebuild][] = [];
  for (const name of names) rebuilds.push([name, await platform.models.rebuild(name)]);
  return Object.fromEntries(rebuilds) as Record<Name, Rebuild>;
}

function segmentsInto(platform: Platform): Folding<(typeof SEGMENT_TABLES)[number]> {
  const inUse = new SegmentProjection(platform, segmentTables(platform.models));
  return {
    prefixes: ['segment/'],
    atOnce: 1,
    fold: async (streams, rebuilds) => {
      const into =
        rebuilds === undefined
          ? inUse
          : new SegmentProjection(
              platform,
              tablesOf(SEGMENT_TABLES, (name) => rebuilds[name].table),
            );
      for (const stream of streams) await into.follow(stream.slice('segment/'.length), Number.POSITIVE_INFINITY);
    },
  };
}

function relaysInto(platform: Platform): Folding<(typeof RELAY_TABLES)[number]> {
  return {
    prefixes: ['relay/'],
    atOnce: DAYS_AT_ONCE,
    fold: async (streams, rebuilds) => {
      const tables = rebuilds === undefined ? relayTables(platform.models) : tablesOf(RELAY_TABLES, (name) => rebuilds[name].table);
      const into = new RelayProjection(platform, tables);
      for (const stream of streams) await into.follow(stream.slice('relay/'.length), Number.POSITIVE_INFINITY);
    },
  };
}

function devicesInto(platform: Platform): Folding<(typeof DEVICE_TABLES)[number]> {
  return {
    prefixes: [METER_STREAMS, RELAY_STREAMS],
    atOnce: DAYS_AT_ONCE,
    fold: async (streams, rebuilds) => {
      const tables = rebuilds === undefined ? deviceTables(platform.models) : tablesOf(DEVICE_TABLES, (name) => rebuilds[name].table);
      const into = new DeviceProjection(platform, tables);
      for (const stream of streams) await into.follow(stream, Number.POSITIVE_INFINITY);
    },
  };
}

function accessesInto(platform: Platform): Folding<(typeof ACCESS_TABLES)[number]> {
  return {
    prefixes: ['access/', 'audit/'],
    atOnce: DAYS_AT_ONCE,
    fold: async (streams, rebuilds) => {
      const tables = rebuilds === undefined ? accessTables(platform.models) : tablesOf(ACCESS_TABLES, (name) => rebuilds[name].table);
      const into = new AccessProjection(platform, tables);
      for (const stream of streams) await into.follow(stream, Number.POSITIVE_INFINITY);
    },
  };
}

function daysInto(platform: Platform): Folding<(typeof DAY_TABLES)[number]> {
  const taken = new Map<string, number>();
  return {
    prefixes: ['meterday/'],
    atOnce: DAYS_AT_ONCE,
    fold: async (streams, rebuilds) => {
      const tables = rebuilds === undefined ? dayTables(platform.models) : tablesOf(DAY_TABLES, (name) => rebuilds[name].table);
      const due: { stream: string }[] = [];
      for (const stream of streams) if (await hasGrown(platform, stream, taken.get(stream))) due.push({ stream });
      const faults = await new DayProjection(platform, tables).follow(due, (stream, version) => taken.set(stream, version));
      for (const fault of faults.values()) throw fault;
    },
  };
}

/** Whether something was recorded behind a version; what it is, nobody opens for this. */
async function hasGrown({ events }: Platform, stream: string, version: number | undefined): Promise<boolean> {
  if (version === undefined) return true;
  try {
    for await (const _commit of events.read(stream, version + 1)) return true;
    return false;
  } catch (error) {
    if (isSealedFromReader(error)) return true;
    throw error;
  }
}
