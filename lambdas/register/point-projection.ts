import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type MeterPoint, pointKey, pointOf } from '../shared/days/points.ts';
import { foldStream } from '../shared/streams.ts';

/** Usage points projected in one write. */
const CHUNK = 1_024;

/** Writes where the meters of these usage points are; what is known of them at other usage points stays. */
export async function projectPoints(platform: Platform, states: readonly OpenUsagePoint[]): Promise<void> {
  const fresh = new Map<string, MeterPoint[]>();
  for (const state of states) {
    for (const meterId of new Set(state.installations.map((held) => held.meterId))) {
      const points = fresh.get(meterId) ?? [];
      points.push(meterPoint(state, meterId));
      fresh.set(meterId, points);
    }
  }
  const meterIds = [...fresh.keys()];
  const known = await pointOf(platform, meterIds);
  const entries = meterIds.map((meterId, i) => {
    const points = fresh.get(meterId)!;
    const others = known[i]!.filter((one) => points.every((other) => other.usagePoint !== one.usagePoint));
    const all = [...others, ...points].sort((a, b) => a.installed[0]!.from - b.installed[0]!.from);
    return { key: pointKey(meterId), value: Buffer.from(JSON.stringify(all)) };
  });
  if (entries.length > 0) await platform.directory.put(entries);
}

/** Writes the whole projection again from the streams; what they don't say any more goes. @returns usage points read */
export async function rebuildPoints(platform: Platform): Promise<number> {
  let read = 0;
  const held = new Set<string>();
  let chunk: OpenUsagePoint[] = [];
  for await (const stream of platform.events.streams('usagepoint/')) {
    const { state } = await foldStream(platform.events, stream, usagePoint);
    if (state.status === 'open') {
      chunk.push(state);
      for (const { meterId } of state.installations) held.add(placeName(meterId, state.usagePoint));
    }
    read++;
    if (chunk.length < CHUNK) continue;
    await projectPoints(platform, chunk);
    chunk = [];
  }
  await projectPoints(platform, chunk);
  await dropOthers(platform, held);
  return read;
}

/** A meter at a usage point that a restore took back is not there. @param held places that streams tell of */
async function dropOthers({ directory }: Platform, held: ReadonlySet<string>): Promise<void> {
  let entries: { readonly key: string; readonly value: Buffer }[] = [];
  const prefix = pointKey('');
  for await (const { key, value } of directory.list(prefix)) {
    const points = JSON.parse(value.toString()) as MeterPoint[];
    const kept = points.filter(({ usagePoint: id }) => held.has(placeName(key.slice(prefix.length), id)));
    if (kept.length < points.length) entries.push({ key, value: Buffer.from(JSON.stringify(kept)) });
    if (entries.length < CHUNK) continue;
    await directory.put(entries);
    entries = [];
  }
  if (entries.length > 0) await directory.put(entries);
}

const placeName = (meterId: string, id: string): string => `${meterId} ${id}`;

function meterPoint(state: OpenUsagePoint, meterId: string): MeterPoint {
  const { usagePoint: id, zone, areaLeaf, meterClass, tariffs, tenancy, disconnections } = state;
  const installed = state.installations
    .filter((held) => held.meterId === meterId)
    .map(({ from, until, asset, initial, final }) => {
      const reads = { ...(initial.length > 0 && { initial }), ...(final.length > 0 && { final }) };
      return { from, asset, ...(until !== undefined && { until }), ...reads };
    });
  const multipliers = state.multipliers
    .filter((one) => one.meterId === meterId)
    .map(({ channel, multiplier, validFrom, reason, by }) => ({ channel, multiplier, from: validFrom, reason, by }))
    .sort((a, b) => a.from - b.from);
  const supply = disconnections.length === 0 ? {} : { disconnected: disconnections };
  return { usagePoint: id, zone, areaLeaf, meterClass, tariffs, installed, multipliers, tenancy, ...supply };
}
