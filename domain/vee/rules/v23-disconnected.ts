import { NO_COUNTS } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { dayFinding } from '../findings.ts';
import type { VeePolicy } from '../policy.ts';

/** V23: energy while the supply was switched off: for the theft queue. */
export function disconnectedCheck(day: ChannelDay, { validation }: VeePolicy): void {
  let sum = 0;
  for (const { from, until } of day.disconnected)
    for (let i = Math.max(0, from); i < Math.min(day.n, until); i++) if (day.counts[i] !== NO_COUNTS) sum += day.counts[i]!;
  if (sum * day.whPerCount > validation.disconnectedWh) day.dayWarnings = dayFinding(day.dayWarnings, 'V23');
}
