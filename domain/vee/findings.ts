import { VEE_RULES, type VeeRule } from '../../events/index.ts';

/** The bit of a rule in errors and warnings. */
export function ruleBit(rule: VeeRule): number {
  return (1 << VEE_RULES.indexOf(rule)) >>> 0;
}

/** `bits` with a rule's bit. */
export function dayFinding(bits: number, rule: VeeRule): number {
  return (bits | ruleBit(rule)) >>> 0;
}

/** Names of the rules in a set of bits, in order. */
export function rulesIn(bits: number): VeeRule[] {
  return VEE_RULES.filter((_, bit) => (bits >>> bit) & 1);
}
