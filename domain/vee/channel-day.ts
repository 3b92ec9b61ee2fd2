import { type Channel, NO_COUNTS } from '../../events/index.ts';

/** Slots of the longest local day: 25 hours of five minutes. A window over several days needs more. */
export const MOST_SLOTS = 300;
/** No register is known at the end of a slot. */
export const NO_REGISTER = -1;
/** `outage` of a slot: no outage, one that touches it, one that lasted all of it. */
export const OUTAGE = { none: 0, touches: 1, covers: 2 } as const;

const NONE: ChannelDay['disconnected'] = [];

/** What a channel is, for the rules. */
export interface ChannelFrame {
  /** UTC s at the start of the first slot and the end of the last. */
  readonly start: number;
  readonly end: number;
  readonly minutes: number;
  readonly asset: Pick<Channel, 'direction' | 'unit' | 'scale' | 'dials' | 'multiplier'>;
  /** Counts in one slot above which the service fuse would have blown: `capacityCounts`. */
  readonly capacity: number;
  /** Register at `start`, counts; NO_REGISTER = not known. */
  readonly registerBefore: number;
}

/**
 * One channel of one local day as columns: what is known of each slot, what the rules found, what was estimated. Slot i ends at
 * `start + (i + 1) * minutes * 60`; columns are longer than `n` and what lies behind `n` is nobody's. Made once and used again
 * for day after day (`resetChannelDay`): nothing is allocated per reading.
 */
export interface ChannelDay {
  n: number;
  start: number;
  minutes: number;
  direction: Channel['direction'];
  unit: Channel['unit'];
  /** Counts; see ChannelFrame. */
  capacity: number;
  /** 10^dials, counts. */
  modulus: number;
  /** Units (Wh) of one count: scale times multiplier. */
  whPerCount: number;
  registerBefore: number;
  /** Counts of one unit of the register; above 1 the register is coarser than the slots, and V15 has a tolerance. */
  registerStep: number;
  /** UTC s of the judgement; 0 = none, then no slot can be in the future. */
  asOf: number;
  /** Slots [from, until) in which the supply was switched off by the utility. */
  disconnected: readonly { readonly from: number; readonly until: number }[];
  /** The register was exchanged or set anew in these slots, so a span that holds one has no difference. u8, 1 = yes. */
  readonly newRegister: Uint8Array;
  /** Counts of the slot; NO_COUNTS = none. */
  readonly counts: Uint32Array;
  /** Register at the slot's end, counts; NO_REGISTER = not known. */
  readonly registers: Float64Array;
  /** RECORD_FLAG bits of the slot's record. */
  readonly flags: Uint8Array;
  /** ANNOTATION bits of the frame that brought it: about the frame, so a rule that needs the slot looks at the slot. */
  readonly annotations: Uint32Array;
  /** OUTAGE. */
  readonly outage: Uint8Array;
  /** Records of the slot that differ from the one that stands (V05). */
  readonly conflicts: Uint8Array;
  /** Index into SLOT_SOURCES, with SCALED. */
  readonly sources: Uint8Array;
  /** Per cent. */
  readonly confidence: Uint8Array;
  /** Bits of VEE_RULES, by `ruleBit`. */
  readonly errors: Uint32Array;
  readonly warnings: Uint32Array;
  /** 1 = the registers around the slot agree with the counts between them. */
  readonly proven: Uint8Array;
  dayErrors: number;
  dayWarnings: number;
  /** Register difference over the whole day, counts; -1 = no bracket. */
  bracket: number;
  /** What there is in the columns at all, so that most rules need not look (`survey`). */
  readonly seen: Seen;
  /** Working memory of V11: the values of its window. */
  readonly sorted: Uint32Array;
  /** The byte columns as words, for `survey`; bytes behind n are zero up to the next word. */
  readonly words: {
    readonly flags: Uint32Array;
    readonly conflicts: Uint32Array;
    readonly outage: Uint32Array;
    readonly newRegister: Uint32Array;
  };
}

/** Columns of a day in a nutshell. */
export interface Seen {
  annotations: number;
  flags: number;
  conflicts: number;
  outage: number;
  newRegisters: number;
  missing: number;
  zeros: number;
  /** Over slots with counts; of an empty day least > most. */
  least: number;
  most: number;
}

/** @param slots length of the columns: MOST_SLOTS for a day */
export function makeChannelDay(slots: number = MOST_SLOTS): ChannelDay {
  const room = toWords(slots);
  const bytes = {
    newRegister: new Uint8Array(room),
    flags: new Uint8Array(room),
    outage: new Uint8Array(room),
    conflicts: new Uint8Array(room),
  };
  return {
    ...{ n: 0, start: 0, minutes: 15, direction: 'import', unit: 'Wh', capacity: 0, modulus: 1e8, whPerCount: 1 },
    ...{ registerBefore: NO_REGISTER, registerStep: 1, asOf: 0, disconnected: NONE },
    ...{ dayErrors: 0, dayWarnings: 0, bracket: -1 },
    ...bytes,
    counts: new Uint32Array(slots),
    registers: new Float64Array(slots),
    annotations: new Uint32Array(slots),
    sources: new Uint8Array(slots),
    confidence: new Uint8Array(slots),
    errors: new Uint32Array(slots),
    warnings: new Uint32Array(slots),
    proven: new Uint8Array(slots),
    seen: { annotations: 0, flags: 0, conflicts: 0, outage: 0, newRegisters: 0, missing: 0, zeros: 0, least: 0, most: 0 },
    sorted: new Uint32Array(slots),
    words: {
      flags: new Uint32Array(bytes.flags.buffer),
      conflicts: new Uint32Array(bytes.conflicts.buffer),
      outage: new Uint32Array(bytes.outage.buffer),
      newRegister: new Uint32Array(bytes.newRegister.buffer),
    },
  };
}

/** Bytes that whole words of 32 bits take. */
function toWords(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** Empties the day for another one: every slot of it missing. @throws RangeError when the frame has no whole slots or too many */
export function resetChannelDay(day: ChannelDay, frame: ChannelFrame): void {
  const n = (frame.end - frame.start) / (frame.minutes * 60);
  if (!Number.isInteger(n) || n < 1 || n > day.counts.length) throw new RangeError(`a day of ${n} slots, room for ${day.counts.length}`);
  day.n = n;
  day.start = frame.start;
  day.minutes = frame.minutes;
  day.direction = frame.asset.direction;
  day.unit = frame.asset.unit;
  day.capacity = frame.capacity;
  day.modulus = 10 ** frame.asset.dials;
  day.whPerCount = frame.asset.scale * frame.asset.multiplier;
  day.registerBefore = frame.registerBefore;
  day.registerStep = 1;
  day.asOf = 0;
  day.disconnected = NONE;
  day.bracket = -1;
  day.dayErrors = day.dayWarnings = 0;
  day.counts.fill(NO_COUNTS, 0, n);
  day.registers.fill(NO_REGISTER, 0, n);
  day.confidence.fill(0, 0, n);
  for (const column of [day.newRegister, day.flags, day.outage, day.conflicts]) column.fill(0, 0, toWords(n));
  for (const column of [day.sources, day.proven]) column.fill(0, 0, n);
  for (const column of [day.annotations, day.errors, day.warnings]) column.fill(0, 0, n);
}

/** V08's bound. @param tolerance what a fuse lets through for a while, 1.1 = a tenth more */
export function capacityCounts(fuseW: number, minutes: number, whPerCount: number, tolerance: number): number {
  return Math.floor((fuseW * tolerance * minutes) / 60 / whPerCount);
}
