/**
 * Words of validation and estimation that are recorded: rule bits, sources of a slot's value. Both lists only ever
 * grow at their end, because what they number stands in streams.
 */

/** Validation rules in the order of their bits. E6, V09 and V19 don't exist. */
export const VEE_RULES = [
  'V01',
  'V02',
  'V03',
  'V04',
  'V05',
  'V06',
  'V07',
  'V08',
  'V10',
  'V11',
  'V12',
  'V13',
  'V14',
  'V15',
  'V16',
  'V17',
  'V18',
  'V20',
  'V21',
  'V22',
  'V23',
  'V24',
  'V25',
  'V26',
  'V27',
] as const;

export type VeeRule = (typeof VEE_RULES)[number];

/** Where the value of a slot comes from; a slot's u8 is the index. `held` = measured, but not billable until estimated or accepted. */
export const SLOT_SOURCES = [
  'missing',
  'measured',
  'held',
  'E0',
  'E1',
  'E2',
  'E3',
  'E4',
  'E5',
  'E7',
  'E8',
  'E9',
  'E10',
  'E11',
  'EX',
] as const;

export type SlotSource = (typeof SLOT_SOURCES)[number];

/** Set beside the source when register scaling (ES) was applied to the estimate. */
export const SCALED = 0x80;
/** No value, in a column of u32 counts. */
export const NO_COUNTS = 0xffff_ffff;
