import type { VeePolicy } from '../policy.ts';

/** V24: days in a row that stand on estimates. @returns what the schedule has to tell */
export function prolongedEstimation(estimatedDays: number, { validation }: VeePolicy): 'none' | 'event' | 'alarm' {
  if (estimatedDays > validation.estimatedAlarmDays) return 'alarm';
  return estimatedDays > validation.estimatedDays ? 'event' : 'none';
}
