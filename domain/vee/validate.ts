import type { ChannelDay } from './channel-day.ts';
import { dayFinding, ruleBit } from './findings.ts';
import { hold } from './hold.ts';
import type { PeriodUse } from './period-use.ts';
import type { VeePolicy } from './policy.ts';
import { clockCheck } from './rules/v01-clock.ts';
import { alignmentCheck } from './rules/v02-alignment.ts';
import { countCheck } from './rules/v03-count.ts';
import { gapCheck } from './rules/v04-gap.ts';
import { overlapCheck } from './rules/v05-overlap.ts';
import { futureCheck } from './rules/v06-future.ts';
import { negativeCheck } from './rules/v07-negative.ts';
import { capacityCheck } from './rules/v08-capacity.ts';
import { spikeCheck } from './rules/v10-spike.ts';
import { outlierCheck } from './rules/v11-outlier.ts';
import { stepCheck } from './rules/v12-step.ts';
import { zeroRunCheck } from './rules/v13-zero-run.ts';
import { flatLineCheck } from './rules/v14-flat-line.ts';
import { sumCheck } from './rules/v15-sum.ts';
import { backwardsCheck } from './rules/v16-backwards.ts';
import { useOutOfBounds } from './rules/v17-use.ts';
import { maximumOutOfBounds } from './rules/v18-maximum.ts';
import { identityCheck } from './rules/v20-identity.ts';
import { deviceFlagCheck } from './rules/v21-device-flags.ts';
import { outageCheck } from './rules/v22-outage.ts';
import { disconnectedCheck } from './rules/v23-disconnected.ts';
import { survey } from './survey.ts';

/** V02 of intervals that no slot took: nothing in the columns tells of them. */
const FOUND_BEFORE = ruleBit('V02');

/**
 * Every rule of a day before estimation, in the order of the list: findings into `errors`, `warnings`, `dayErrors` and `dayWarnings`,
 * what registers prove into `proven`, and which measurements are held into `sources`. Changes no value; a second time finds the same.
 * V24 to V27 judge more than a day; their schedule asks them.
 */
export function validate(day: ChannelDay, policy: VeePolicy): void {
  day.errors.fill(0, 0, day.n);
  day.warnings.fill(0, 0, day.n);
  day.dayErrors &= FOUND_BEFORE;
  day.dayWarnings = 0;
  survey(day);
  identityCheck(day);
  deviceFlagCheck(day);
  clockCheck(day);
  alignmentCheck(day);
  countCheck(day);
  gapCheck(day);
  overlapCheck(day);
  futureCheck(day, policy);
  outageCheck(day);
  negativeCheck(day);
  capacityCheck(day);
  sumCheck(day, policy);
  backwardsCheck(day);
  spikeCheck(day, policy);
  outlierCheck(day, policy);
  stepCheck(day, policy);
  zeroRunCheck(day, policy);
  flatLineCheck(day, policy);
  disconnectedCheck(day, policy);
  hold(day);
}

/** V15, V10, V17 and V18 again, over what now stands, estimates included; then what is still held. */
export function revalidate(day: ChannelDay, policy: VeePolicy, period?: PeriodUse): void {
  survey(day);
  sumCheck(day, policy);
  clear(day, ruleBit('V10'));
  spikeCheck(day, policy);
  day.dayWarnings &= ~(ruleBit('V17') | ruleBit('V18'));
  if (period !== undefined && useOutOfBounds(period, policy)) day.dayWarnings = dayFinding(day.dayWarnings, 'V17');
  if (period !== undefined && maximumOutOfBounds(period, policy)) day.dayWarnings = dayFinding(day.dayWarnings, 'V18');
  hold(day);
}

function clear(day: ChannelDay, bit: number): void {
  for (let i = 0; i < day.n; i++) {
    day.errors[i]! &= ~bit;
    day.warnings[i]! &= ~bit;
  }
}
