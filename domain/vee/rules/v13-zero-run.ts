import { type ChannelDay, OUTAGE } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';
import type { VeePolicy } from '../policy.ts';
import { registerAt, registerMove } from '../registers.ts';

const BIT = ruleBit('V13');

/**
 * V13: zeros for long, outside outages. With an unmoved register they are measured (vacant homes, solar at night); an error when
 * the register moved meanwhile, a warning when nobody knows.
 */
export function zeroRunCheck(day: ChannelDay, { validation }: VeePolicy): void {
  const longest = validation.zeroRunMinutes / day.minutes;
  if (day.seen.zeros <= longest) return;
  const { n, counts, outage } = day;
  for (let from = 0; from < n; from++) {
    if (counts[from] !== 0 || outage[from] !== OUTAGE.none) continue;
    let until = from + 1;
    while (until < n && counts[until] === 0 && outage[until] === OUTAGE.none) until++;
    if (until - from > longest) judgeRun(day, from, until);
    from = until;
  }
}

function judgeRun(day: ChannelDay, from: number, until: number): void {
  if (isProven(day, from, until)) return;
  const column = moved(day, from, until) ? day.errors : day.warnings;
  for (let i = from; i < until; i++) column[i]! |= BIT;
}

function isProven(day: ChannelDay, from: number, until: number): boolean {
  for (let i = from; i < until; i++) if (!day.proven[i]) return false;
  return true;
}

/** Between the first and the last register known inside the run. */
function moved(day: ChannelDay, from: number, until: number): boolean {
  let first = from;
  while (first < until && registerAt(day, first) < 0) first++;
  let last = until;
  while (last > first && day.registers[last - 1]! < 0) last--;
  if (last <= first) return false;
  return registerMove(day, registerAt(day, first), day.registers[last - 1]!, last - first) > 0;
}
