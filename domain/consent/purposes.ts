import type { ConsentPurpose, DataResolution } from '../../events/index.ts';

/** From coarse to fine. */
export const RESOLUTIONS: readonly DataResolution[] = ['month', 'day', 'hour', 'interval'];

export interface PurposeRule {
  /** Finest resolution that the purpose needs; `gate`: no home's own data serves it, only what passes the disclosure gate. */
  readonly finest: DataResolution | 'gate';
  /** What the customer is told it is for. */
  readonly text: string;
}

/**
 * What data may be asked for, and how fine each purpose needs it. As measured, no purpose needs it: intervals are the customer's own.
 * @source X.1332 8 (a third party infers habits), 9.3
 */
export const PURPOSES: Readonly<Record<ConsentPurpose, PurposeRule>> = {
  'bill-check': { finest: 'month', text: 'check bills and compare tariffs' },
  efficiency: { finest: 'day', text: 'advise on using less energy' },
  'load-shifting': { finest: 'hour', text: 'advise on using energy at other times' },
  research: { finest: 'gate', text: 'research on many homes together' },
};

/** Whether `one` shows more than `other` does. */
export function isFiner(one: DataResolution, other: DataResolution): boolean {
  return RESOLUTIONS.indexOf(one) > RESOLUTIONS.indexOf(other);
}

/** Whether a purpose allows a resolution. */
export function servesPurpose(purpose: ConsentPurpose, resolution: DataResolution): boolean {
  const { finest } = PURPOSES[purpose];
  return finest !== 'gate' && !isFiner(resolution, finest);
}
