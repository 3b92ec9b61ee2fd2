import { ANNOTATION, type CollectedChannel, type DayFrame, NO_COUNTS, type ReadingsCollected } from '../../events/index.ts';
import { standsBefore } from '../telemetry/slot-rule.ts';
import { u32At, u32Column } from './columns.ts';
import { HEAD_SIZE, RECORD_SIZE, recordEnd, recordFlags, recordRegister, recordValue } from './records.ts';
import type { ChannelState, Home, Judgement, OpenDay } from './state.ts';

/** Slot in which a record lies, -1 when it is off the grid or outside. */
export function slotOf({ start, minutes }: Pick<DayFrame, 'start' | 'minutes'>, slots: number, end: number): number {
  const slot = (end - start) / (minutes * 60) - 1;
  return Number.isInteger(slot) && slot >= 0 && slot < slots ? slot : -1;
}

export function openChannel({ channel, asset, capacity, registerBefore }: CollectedChannel, slots: number): ChannelState {
  return {
    channel,
    asset,
    capacity,
    registerBefore,
    offGrid: false,
    perCount: asset.scale * asset.multiplier,
    ...emptyColumns(slots),
    versions: [],
    heads: new Uint8Array(0),
    judged: undefined,
    edited: undefined,
  };
}

/** One piece of memory for all columns: half a million channels a minute are opened when days are closed. */
function emptyColumns(slots: number): Pick<ChannelState, 'present' | 'counts' | 'registers' | 'flags' | 'annotations' | 'homes'> {
  const memory = new ArrayBuffer(slots * 19);
  return {
    registers: new Float64Array(memory, 0, slots).fill(-1),
    counts: new Uint32Array(memory, slots * 8, slots).fill(NO_COUNTS),
    annotations: new Uint32Array(memory, slots * 12, slots),
    present: new Uint8Array(memory, slots * 16, slots),
    flags: new Uint8Array(memory, slots * 17, slots),
    homes: new Uint8Array(memory, slots * 18, slots),
  };
}

export function noJudgement(slots: number): Judgement {
  return {
    errors: new Uint32Array(slots),
    warnings: new Uint32Array(slots),
    dayErrors: 0,
    dayWarnings: 0,
    bracket: -1,
    estimates: new Uint32Array(slots).fill(NO_COUNTS),
    sources: new Uint8Array(slots),
    confidence: new Uint8Array(slots),
  };
}

/** What a record is to a slot: nothing new, another version of it, or the reading from now on. */
type Place = 'known' | 'version' | 'reading';

/**
 * A value takes the place of a record without one; of two values one stands by the rule of the slot, whatever order they came in. A
 * released value that does not stand is no version: it may only fill holes.
 */
function placeOf(channel: ChannelState, slot: number, counts: number, annotations: number, home: Home, homes: readonly Home[]): Place {
  if (channel.present[slot] === 0) return 'reading';
  const standing = channel.counts[slot]!;
  if (counts === NO_COUNTS) return standing === NO_COUNTS || hasVersion(channel, slot, counts) ? 'known' : 'version';
  if (standing === NO_COUNTS) return 'reading';
  const released = (annotations & ANNOTATION.released) !== 0;
  const known = homes[channel.homes[slot]!]!;
  const standingReleased = (channel.annotations[slot]! & ANNOTATION.released) !== 0;
  if (standsBefore({ ...home, released }, { ...known, released: standingReleased })) return 'reading';
  return released || counts === standing || hasVersion(channel, slot, counts) ? 'known' : 'version';
}

/** Takes records in, of which each becomes the reading of its slot, another version of it, or nothing. @param home place among the day's */
export function mergeRecords({ frame, slots, homes }: OpenDay, channel: ChannelState, collected: CollectedChannel, home: number): void {
  const { records, annotations } = collected;
  for (let i = 0, n = records.length / RECORD_SIZE; i < n; i++) {
    const slot = slotOf(frame, slots, recordEnd(records, i));
    if (slot < 0) continue;
    const counts = recordValue(records, i) ?? NO_COUNTS;
    const bits = u32At(annotations, i);
    if (channel.present[slot] === 1) {
      const place = placeOf(channel, slot, counts, bits, homes[home]!, homes);
      if (place === 'version') keepVersion(channel, slot, counts, recordRegister(records, i), recordFlags(records, i));
      if (place !== 'reading') continue;
      makeRoom(channel, slot, counts);
    }
    channel.present[slot] = 1;
    channel.counts[slot] = counts;
    channel.registers[slot] = recordRegister(records, i);
    channel.flags[slot] = recordFlags(records, i);
    channel.annotations[slot] = bits;
    channel.homes[slot] = home;
  }
  channel.heads = channel.heads.length === 0 ? collected.heads : joined(channel.heads, collected.heads);
  if (channel.registerBefore < 0) channel.registerBefore = collected.registerBefore;
  if (lacksFinal(channel, slots, collected)) channel.registers[slots - 1] = collected.registerAfter!;
  channel.offGrid ||= collected.offGrid ?? false;
}

/** What a person read at the end stands where the meter itself did not say it. */
function lacksFinal({ registers }: ChannelState, slots: number, { registerAfter }: CollectedChannel): boolean {
  return registerAfter !== undefined && registers[slots - 1]! < 0;
}

/** What stood becomes a version, what takes its place is none any more. */
function makeRoom(channel: ChannelState, slot: number, counts: number): void {
  const standing = channel.counts[slot]!;
  const released = (channel.annotations[slot]! & ANNOTATION.released) !== 0;
  if (standing !== counts && !released) keepVersion(channel, slot, standing, channel.registers[slot]!, channel.flags[slot]!);
  const place = channel.versions.findIndex((version) => version.slot === slot && version.counts === counts);
  if (place >= 0) channel.versions.splice(place, 1);
}

function keepVersion(channel: ChannelState, slot: number, counts: number, register: number, flags: number): void {
  if (!hasVersion(channel, slot, counts)) channel.versions.push({ slot, counts, register, flags });
}

function hasVersion({ versions }: ChannelState, slot: number, counts: number): boolean {
  return versions.some((version) => version.slot === slot && version.counts === counts);
}

/** What of `readings` the day does not know yet; undefined when it is nothing. */
export function newsFor(day: OpenDay, readings: ReadingsCollected): ReadingsCollected | undefined {
  const { segment, since = 0 } = readings.through;
  const channels = readings.channels
    .map((collected) => newRecords(day, collected, { segment, since }))
    .filter((news) => news !== undefined);
  const seals = readings.seals.filter((seal) => !day.seals.some((known) => sameBytes(known, seal)));
  const outages = readings.outages.filter(({ from, until }) => !day.outages.some((known) => known.from === from && known.until === until));
  if (channels.length === 0 && seals.length === 0 && outages.length === 0) return undefined;
  return { ...readings, frame: day.frame, channels, seals, outages };
}

function newRecords(day: OpenDay, collected: CollectedChannel, home: Home): CollectedChannel | undefined {
  const known = day.channels[collected.channel];
  if (known === undefined) return collected;
  const { records, annotations } = collected;
  const kept: number[] = [];
  for (let i = 0, n = records.length / RECORD_SIZE; i < n; i++) {
    const slot = slotOf(day.frame, day.slots, recordEnd(records, i));
    if (slot < 0) continue;
    const counts = recordValue(records, i) ?? NO_COUNTS;
    if (placeOf(known, slot, counts, u32At(annotations, i), home, day.homes) !== 'known') kept.push(i);
  }
  const heads = newHeads(known.heads, collected.heads);
  const register = known.registerBefore < 0 ? collected.registerBefore : -1;
  const offGrid = collected.offGrid === true && !known.offGrid;
  if (kept.length === 0 && heads.length === 0 && register < 0 && !offGrid && !lacksFinal(known, day.slots, collected)) return undefined;
  return {
    ...collected,
    records: picked(records, RECORD_SIZE, kept),
    annotations: u32Column(kept.map((i) => u32At(annotations, i))),
    heads,
    registerBefore: register,
  };
}

function newHeads(known: Uint8Array, heads: Uint8Array): Uint8Array {
  const fresh: number[] = [];
  for (let i = 0, n = heads.length / HEAD_SIZE; i < n; i++) {
    const head = heads.subarray(i * HEAD_SIZE, (i + 1) * HEAD_SIZE);
    let found = false;
    for (let j = 0; j < known.length && !found; j += HEAD_SIZE) found = sameBytes(known.subarray(j, j + HEAD_SIZE), head);
    if (!found) fresh.push(i);
  }
  return picked(heads, HEAD_SIZE, fresh);
}

function picked(column: Uint8Array, width: number, places: readonly number[]): Uint8Array {
  const out = new Uint8Array(places.length * width);
  for (const [n, i] of places.entries()) out.set(column.subarray(i * width, (i + 1) * width), n * width);
  return out;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const out = new Uint8Array(first.length + second.length);
  out.set(first);
  out.set(second, first.length);
  return out;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
