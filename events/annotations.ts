/** What the hot-path rules noticed about an accepted frame: bits of a u32, recorded beside it. They discard nothing. */
export const ANNOTATION = {
  /** V01 warning: interval end more than 3 minutes ahead of broker time. */
  clockFast: 1,
  /** V01 error: more than one interval ahead. */
  clockWrong: 2,
  /** V02: interval end off its grid, or another interval length than enrolled. Its slots are not counted. */
  misaligned: 4,
  /** V07: negative energy on a one-way register. */
  negative: 8,
  /** V08: more than the service fuse lets through. */
  overCapacity: 16,
  /** V16: register backwards, and no rollover explains it. */
  registerBackwards: 32,
  /** V16: register passed its last digit. */
  registerRollover: 64,
  /** V20: differs from the asset record. */
  assetMismatch: 128,
  /** V21: device flags reset, memory error or test mode. */
  deviceFlags: 256,
  /** V22: an outage covers a slot; its zero is measured. */
  outage: 512,
  /** A slot was delivered before under another counter, with the same value. */
  slotRepeated: 1024,
  /** A slot was delivered before with another value: see SlotConflict. */
  slotConflict: 2048,
  /** A slot far behind was delivered before; its values are compared by whoever closes the day. */
  slotRepeatUnchecked: 4096,
  /** The meter says its clock is doubtful. */
  clockDoubtful: 8192,
  /** Of a frame set aside as `below-window`: it counts until an accepted frame brings the slot. Said by whoever closes the day. */
  released: 16_384,
} as const;
