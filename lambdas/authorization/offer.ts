import { createHash } from 'node:crypto';
import { PURPOSES } from '../../domain/consent/purposes.ts';
import type { DataResolution } from '../../events/index.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { type RequestedScope, spanOf } from './scope.ts';

/** What a customer is asked to agree to, one line each. The portal says the same in the customer's language. */
export interface Offer {
  /** Name of the third party. */
  readonly recipient: string;
  readonly lines: readonly (readonly [label: string, text: string])[];
  /** SHA-256 over the lines, hex: what exactly was agreed to. */
  readonly textHash: string;
}

const RESOLUTION_TEXT: Readonly<Record<DataResolution, string>> = {
  month: 'one value for each month',
  day: 'one value for each day',
  hour: 'one value for each hour',
  interval: 'every interval as it was measured',
};

/** @param now UTC ms; the window is shown in UTC dates */
export function offerOf(recipient: string, scope: RequestedScope, now: number): Offer {
  const { from, until } = spanOf(scope, now);
  const data = scope.dataClasses.includes('generation')
    ? 'electricity you took from the grid and sent into it'
    : 'electricity you took from the grid';
  const lines = [
    ['Who', recipient],
    ['What for', PURPOSES[scope.purpose].text],
    ['Which data', data],
    ['How fine', RESOLUTION_TEXT[scope.resolution]],
    ['Of which time', `${utcDate(from)} to ${utcDate(until)}`],
    ['Until when', `${utcDate(until)}, or until you take it back, which you can at any time`],
  ] as const;
  return { recipient, lines, textHash: createHash('sha256').update(JSON.stringify(lines)).digest('hex') };
}
