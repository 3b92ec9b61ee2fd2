import { ANNOTATION } from '../../../events/index.ts';
import type { ChannelDay } from '../channel-day.ts';
import { ruleBit } from '../findings.ts';

const BIT = ruleBit('V20');

/** V20: identity, interval and register width as in the asset record; ingest compared them. */
export function identityCheck(day: ChannelDay): void {
  if (!(day.seen.annotations & ANNOTATION.assetMismatch)) return;
  for (let i = 0; i < day.n; i++) if (day.annotations[i]! & ANNOTATION.assetMismatch) day.errors[i]! |= BIT;
}
