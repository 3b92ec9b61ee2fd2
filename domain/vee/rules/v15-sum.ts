import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import type { VeePolicy } from '../policy.ts';
import { NO_DIFFERENCE, nextRegister, spanDifference } from '../registers.ts';

const BIT = ruleBit('V15');

/**
 * V15: counts between two registers against their difference, before any multiplier. Equal: the slots are proven, and no estimate
 * may ever replace them. Different: an error of the whole span. A span with slots missing proves nothing, but it is wrong when its
 * slots exceed the difference already.
 */
export function sumCheck(day: ChannelDay, policy: VeePolicy): void {
  const { n, counts, registers, proven, errors } = day;
  let before = day.registerBefore;
  const exact = day.registerStep === 1 && !day.seen.newRegisters;
  for (let from = 0; from < n; ) {
    // One slot with a register at each end is by far the most frequent span.
    const after = registers[from]!;
    if (exact && before >= 0 && after >= before && after - before === counts[from]) {
      proven[from] = 1;
      errors[from]! &= ~BIT;
      before = after;
      from++;
      continue;
    }
    const until = Math.min(n, nextRegister(day, from) + 1);
    judgeSpan(day, from, until, policy);
    before = registers[until - 1]!;
    from = until;
  }
  day.bracket = dayBracket(day);
}

function judgeSpan(day: ChannelDay, from: number, until: number, policy: VeePolicy): void {
  const verdict = spanVerdict(day, from, until, policy);
  for (let i = from; i < until; i++) {
    day.proven[i] = verdict === 'agrees' ? 1 : 0;
    if (verdict === 'differs') day.errors[i]! |= BIT;
    else day.errors[i]! &= ~BIT;
  }
}

function spanVerdict(day: ChannelDay, from: number, until: number, { validation }: VeePolicy): 'agrees' | 'differs' | 'open' {
  const difference = spanDifference(day, from, until);
  if (difference === NO_DIFFERENCE) return 'open';
  let sum = 0;
  let missing = 0;
  for (let i = from; i < until; i++) {
    const x = day.counts[i]!;
    if (x === NO_COUNTS) missing++;
    else sum += x;
  }
  const tolerance = day.registerStep === 1 ? 0 : Math.max(day.registerStep, validation.sumShare * difference);
  if (missing > 0) return sum - difference > tolerance ? 'differs' : 'open';
  return Math.abs(sum - difference) <= tolerance ? 'agrees' : 'differs';
}

/** From the day's start to its end, span by span, so that a rollover counts once. @returns counts, -1 = no bracket */
function dayBracket(day: ChannelDay): number {
  const { n, registers, registerBefore } = day;
  const last = registers[n - 1]!;
  if (registerBefore < 0 || last < 0) return -1;
  if (day.seen.newRegisters) return -1;
  let previous = registerBefore;
  let backwards = false;
  for (let i = 0; i < n; i++) {
    const register = registers[i]!;
    if (register < 0) continue;
    if (register < previous) backwards = true;
    previous = register;
  }
  return backwards ? bracketOverRollover(day) : last - registerBefore;
}

function bracketOverRollover(day: ChannelDay): number {
  let total = 0;
  for (let from = 0; from < day.n; ) {
    const until = nextRegister(day, from) + 1;
    const difference = spanDifference(day, from, until);
    if (difference === NO_DIFFERENCE) return -1;
    total += difference;
    from = until;
  }
  return total;
}
