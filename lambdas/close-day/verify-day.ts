import type { KeyObject } from 'node:crypto';
import { u32At } from '../../domain/meterday/columns.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import type { DayVerified, ProfileFault } from '../../events/index.ts';
import {
  chainStepOver,
  parseSeal,
  type SealChannel,
  type SignedSeal,
  sealHash,
  sealHeadStart,
  verifySeal,
} from '../../protocol/profile.ts';
import { DayRecords } from './day-records.ts';
import { revealRegisters } from './hidden-registers.ts';

export interface Verdict {
  readonly seal: DayVerified['seal'];
  readonly chain: DayVerified['chain'];
  readonly faults: readonly ProfileFault[];
  /** Hash of the day's verified seal, 16 hex digits; what the next seal has to name. */
  readonly sealHash: string | undefined;
}

const HOUR = 3600;
const HEAD_BYTES = 8;
const HEAD_ENTRY = 12;
const NO_HEAD = Buffer.alloc(HEAD_BYTES);
const records = new DayRecords();

/**
 * Holds a local day against the meter's own word: its hourly chain, as far as heads came with frames, and its signed seal. What
 * contradicts it is named with the span in which it must lie; what cannot be told yet is `unverified` or `absent`.
 * @param parts the day's streams, in order @param start UTC s @param end UTC s
 * @param keys public keys under which the seal may be signed, the one in force first
 * @param previousSeal hash of the seal of the day before, 16 hex digits, where it is known
 * @source X.1332 8.1 (load profile altered)
 */
export function verifyDay(
  parts: readonly OpenDay[],
  { start, end }: { readonly start: number; readonly end: number },
  keys: readonly KeyObject[],
  previousSeal: string | undefined,
): Verdict {
  const whole = { channel: 0, from: start, until: end };
  const { seals, unreadable } = distinctSeals(parts, start, end);
  if ((seals.length === 0 && !unreadable) || keys.length === 0)
    return { seal: 'absent', chain: 'unverified', faults: [], sealHash: undefined };
  const genuine = seals.filter((seal) => seal.seal.meterId === parts[0]!.frame.meterId && keys.some((key) => verifySeal(seal, key)));
  const faults: ProfileFault[] = [];
  if (genuine.length === 0) {
    return { seal: 'refused', chain: 'unverified', faults: [{ ...whole, what: 'seal-signature' }], sealHash: undefined };
  }
  const seal = genuine[0]!;
  const previous = seal.seal.previous;
  const outOfOrder = previousSeal !== undefined && previous.toString('hex', 0, HEAD_BYTES) !== previousSeal;
  if (genuine.length > 1 || outOfOrder) faults.push({ ...whole, what: 'seal-order' });
  let chain: DayVerified['chain'] = 'verified';
  const channels = Math.max(seal.seal.channels.length, ...parts.map((part) => part.channels.length));
  for (let channel = 0; channel < channels; channel++) {
    const found = foundOf(parts, channel, seal);
    faults.push(...found.faults);
    if (found.chain === 'broken' || (found.chain === 'unverified' && chain === 'verified')) chain = found.chain;
  }
  return { seal: 'verified', chain, faults, sealHash: sealHash(seal.bytes).toString('hex', 0, HEAD_BYTES) };
}

/** A seal of another span, of a meter that had to guess its midnights, says nothing about this day. */
function distinctSeals(parts: readonly OpenDay[], start: number, end: number): { seals: SignedSeal[]; unreadable: boolean } {
  const seals: SignedSeal[] = [];
  let unreadable = false;
  for (const bytes of parts.flatMap((part) => part.seals)) {
    const seal = readable(bytes);
    if (seal === undefined) unreadable = true;
    else if (seal.seal.start === start && seal.seal.end === end && !seals.some((known) => known.bytes.equals(seal.bytes))) seals.push(seal);
  }
  return { seals, unreadable };
}

function readable(bytes: Uint8Array): SignedSeal | undefined {
  try {
    return parseSeal(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    return undefined;
  }
}

interface Found {
  readonly chain: DayVerified['chain'];
  readonly faults: readonly ProfileFault[];
}

/** The seal is over all channels of the day: one that only one of them has is not verified, and what came of one that it lacks contradicts it. */
function foundOf(parts: readonly OpenDay[], channel: number, seal: SignedSeal): Found {
  const { start, end, channels } = seal.seal;
  const sealed = channels[channel];
  const known = parts.flatMap((part) => part.channels[channel] ?? []);
  if (sealed === undefined) {
    const came = known.some(({ present }) => present.includes(1));
    if (came) return { chain: 'broken', faults: [{ channel, from: start, until: end, what: 'seal-channel' }] };
    return { chain: known.length > 0 ? 'unverified' : 'verified', faults: [] };
  }
  if (known.length === 0) return { chain: 'unverified', faults: [] };
  records.fill(parts, channel, start, end);
  return verifyChannel(parts, channel, seal, sealed);
}

/** Walks the chain on over the records at hand and compares it wherever a head is known. */
function verifyChannel(parts: readonly OpenDay[], channel: number, seal: SignedSeal, sealed: SealChannel): Found {
  const { start, end, step, slots } = records;
  const heads = headsByHour(parts, channel, start);
  const hours = Math.ceil((end - start) / HOUR);
  const modulus = 10 ** parts.find((part) => part.channels[channel] !== undefined)!.channels[channel]!.asset.dials;
  let head = sealHeadStart(seal.seal, channel);
  let agreed = start;
  for (let hour = 0; hour <= hours; hour++) {
    const at = Math.min(start + hour * HOUR, end);
    for (const known of heads[hour] ?? []) {
      if (sameStart(head, known)) agreed = at;
      else if (at <= start + records.firstUnknown * step)
        return { chain: 'broken', faults: [{ channel, ...spanTo(agreed, at), what: 'chain-head' }] };
    }
    if (hour === hours) break;
    if (records.hides(hour) && (records.firstUnknown * step) / HOUR >= hour) {
      const until = nextNamed(heads, hour, hours);
      const named = (found: Buffer) =>
        (until === hours && sealed.headEnd.equals(found)) || (heads[until] ?? []).some((one) => sameStart(found, one));
      revealRegisters(records, modulus, head, { from: hour, until, registerStart: sealed.registerStart, named });
    }
    head = chainStepOver(records.hour(head, hour));
  }
  const complete = records.firstUnknown === slots;
  const same = head.equals(sealed.headEnd);
  const faults = sealFaults(channel, sealed, complete);
  if (complete && !same) faults.unshift({ channel, ...spanTo(agreed, end), what: 'seal-head' });
  if (faults.length > 0) return { chain: complete && !same ? 'broken' : 'unverified', faults };
  return { chain: same ? 'verified' : 'unverified', faults };
}

/** First hour behind this one at whose beginning a head is known; the day's end is known from the seal. */
function nextNamed(heads: readonly (readonly Uint8Array[] | undefined)[], hour: number, hours: number): number {
  let at = hour + 1;
  while (at < hours && (heads[at] ?? []).length === 0) at++;
  return at;
}

/** From where both still agreed; the whole day up to there where they agreed and disagreed at the same instant. */
function spanTo(agreed: number, until: number): { from: number; until: number } {
  if (until === records.start) return { from: records.start, until: records.end };
  return { from: agreed < until ? agreed : records.start, until };
}

/** What the seal says of registers and number of slots, as far as it can be held against anything. */
function sealFaults(channel: number, sealed: SealChannel, complete: boolean): ProfileFault[] {
  const { start, end, registerBefore, registerEnd, values } = records;
  const span = { channel, from: start, until: end };
  const faults: ProfileFault[] = [];
  const starts = registerBefore < 0 || registerBefore === sealed.registerStart;
  const ends = registerEnd < 0 || registerEnd === sealed.registerEnd;
  if (!starts || !ends) faults.push({ ...span, what: 'seal-register' });
  if (complete ? values !== sealed.slots : values > sealed.slots) faults.push({ ...span, what: 'seal-slots' });
  return faults;
}

/** First 8 bytes of the heads that frames carried (zeros: the meter did not know its days yet), by the number of hours that were complete at the frame's end. */
function headsByHour(parts: readonly OpenDay[], channel: number, start: number): (Uint8Array[] | undefined)[] {
  const hours: Uint8Array[][] = [];
  for (const part of parts) {
    const column = part.channels[channel]?.heads;
    if (column === undefined) continue;
    for (let at = 0; at < column.length; at += HEAD_ENTRY) {
      const end = u32At(column, at / 4);
      const hour = Math.floor((end - start) / HOUR);
      const head = column.subarray(at + 4, at + HEAD_ENTRY);
      if (sameStart(NO_HEAD, head)) continue;
      hours[hour] ??= [];
      if (!hours[hour].some((known) => sameStart(head, known))) hours[hour].push(head);
    }
  }
  return hours;
}

function sameStart(head: Uint8Array, known: Uint8Array): boolean {
  for (let i = 0; i < HEAD_BYTES; i++) if (head[i] !== known[i]) return false;
  return true;
}
