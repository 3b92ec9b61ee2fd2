import * as z from 'zod';

/** No control characters, nor any that nobody sees and that hide or turn what stands beside them. */
const SHOWN = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]*$/u;

/** What stands far behind looks like a line of its own. */
const NO_GAP = /^(?!.*\s\s)/u;

/** Zero is written in one way: what is divided by the other has another sign. */
const isPlainZero = (value: number): boolean => !Object.is(value, -0);

/** Neither NaN nor without end. */
export const Finite = z.number().refine(isPlainZero);
/** A safe integer. */
export const Whole = z.int().refine(isPlainZero);
/** From 0: how many, or at which place. */
export const Count = z.int().min(0).refine(isPlainZero);
/** Of a meter's channels, a u8 on the wire: readers make a place for each below it. */
export const ChannelNumber = z.int().min(0).max(255).refine(isPlainZero);
/** Of an interval: one of none could be in a day any number of times. */
export const Minutes = z.int().min(1).max(1_440);
/** From 1: versions, revisions, parts. */
export const Ordinal = z.int().min(1);
/** UTC, in s or ms as the event has it. */
export const Instant = z.int().refine(isPlainZero);
/** A whole number of any size as text, written in one way. */
export const Integer = z.string().regex(/^(0|-?[1-9]\d*)$/);
/** `numerator/denominator`. */
export const Fraction = z.string().regex(/^(0|-?[1-9]\d*)\/[1-9]\d*$/);
/** Ids, codes, streams, persons: what a terminal may show. */
export const Name = z.string().max(200).regex(SHOWN).regex(NO_GAP);
/** Words of clerks and of other systems, documents: nothing that a check of a proof prints. */
export const Words = z.string();
/** Bytes, no list of numbers. @param width of one entry */
export const columnOf = (width: number) => z.instanceof(Uint8Array).refine(({ length }) => length % width === 0);
export const Bytes = columnOf(1);
