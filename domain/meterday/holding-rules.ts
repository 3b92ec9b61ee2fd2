import { VEE_RULES } from '../../events/index.ts';

/** Findings about a whole day with which it can't be billed as it is: sum check and register backwards. Bits of VEE_RULES. */
export const HOLDING_RULES = (['V15', 'V16'] as const).reduce((bits, rule) => bits | (1 << VEE_RULES.indexOf(rule)), 0);
