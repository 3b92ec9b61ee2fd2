import type { VeeRule } from '../../../events/vee.ts';
import { instantText } from '../dates.ts';

/** Names of the rules of validation. */
export const RULE_NAMES: Readonly<Record<VeeRule, string>> = {
  V01: 'Clock in doubt',
  V02: 'Alignment',
  V03: 'Count of values',
  V04: 'Gap',
  V05: 'Overlap',
  V06: 'Future or too old',
  V07: 'Negative',
  V08: 'Above the fuse',
  V10: 'Spike',
  V11: 'Outlier',
  V12: 'Step',
  V13: 'Run of zeros',
  V14: 'Flat line',
  V15: 'Sum against register',
  V16: 'Register backwards',
  V17: 'Use of the period',
  V18: 'Maximum of the period',
  V20: 'Identity',
  V21: 'Device flags',
  V22: 'Outage',
  V23: 'Use while disconnected',
  V24: 'Prolonged estimates',
  V25: 'Siblings differ',
  V26: 'Silence',
  V27: 'Restated against a person',
};

/** What a row of the queue is about, in words. */
export function causeWords(cause: string): { readonly code: string; readonly words: string } {
  const [family = '', rest = ''] = splitOnce(cause);
  switch (family) {
    case 'rule':
      return { code: rest, words: RULE_NAMES[rest as VeeRule] ?? 'Rule of validation' };
    case 'outage':
      return { code: 'Outage', words: `since ${Number.isNaN(Date.parse(rest)) ? rest : instantText(rest, 'UTC')}` };
    case 'profile':
      return { code: 'Profile', words: rest.replaceAll('-', ' ') };
    case 'gap':
      return { code: 'Gap', words: 'readings missing' };
    case 'held':
      return { code: 'Held', words: 'day is held' };
    case 'proposal':
      return { code: 'Proposal', words: 'waits for a second person' };
    default:
      return { code: family, words: rest };
  }
}

function splitOnce(cause: string): readonly string[] {
  const at = cause.indexOf('/');
  return at < 0 ? [cause] : [cause.slice(0, at), cause.slice(at + 1)];
}

const SOON_HOURS = 24;
const HOUR_MS = 3_600_000;

export interface Clock {
  readonly state: 'in-time' | 'soon' | 'late';
  /** Hours since the oldest thing of the row. */
  readonly ageHours: number;
  /** Below 0: late by so many. */
  readonly leftHours: number;
}

/** How long a row has waited, against when its first day becomes final: what is not settled by then goes out as it is. @param now UTC ms */
export function clockOf({ oldest, dueAt }: { readonly oldest: string; readonly dueAt: string }, now: number): Clock {
  const ageHours = Math.max(0, Math.floor((now - Date.parse(oldest)) / HOUR_MS));
  const leftHours = Math.ceil((Date.parse(dueAt) - now) / HOUR_MS);
  return { ageHours, leftHours, state: leftHours <= 0 ? 'late' : leftHours <= SOON_HOURS ? 'soon' : 'in-time' };
}

/** Some of the meters that a row hit are closed, and some are not: how many are open is said beside how many it hit. */
export function isPartlyClosed({ meters, openMeters }: { readonly meters: number; readonly openMeters: number }): boolean {
  return openMeters > 0 && openMeters < meters;
}
