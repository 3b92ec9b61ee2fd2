import type { Log } from '../../platform/ports/platform.ts';
import type { Kept } from './trim-segment.ts';

/** What would stand in for commits is not what was put there, or not what they come to. */
const DAMAGE: ReadonlySet<Kept> = new Set(['checkpoint-unsigned', 'checkpoint-differs', 'body-lost']);

/** What is kept for longer than it should be, and why: damage as a fault with a code, anything else as a warning. */
export function tellKept(log: Log, message: string, stream: string, kept: Kept): void {
  if (DAMAGE.has(kept)) log.error(message, { stream, reason: kept, code: 'CHECKPOINT_DAMAGED' });
  else log.warn(message, { stream, reason: kept });
}
