import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { PENDING } from '../log/places.ts';
import { receiptOf, receiptPlace } from '../log/receipt.ts';
import { putTakenBack, takenBack } from '../log/taken-back.ts';
import { raiseFence } from '../shared/restore-fence.ts';
import { afterRestore } from './restore.ts';
import { cutOffAgain } from './say-again-devices.ts';

/** What people ask of this function once, when they have put the table of events back. */
export interface RestoredRequest {
  /** The moment to which it was put back, ISO 8601 with its offset. */
  readonly restoredTo: string;
}

export interface TakenUpRestore {
  /** Meters that are answered again once they have agreed new keys. */
  readonly waiting: number;
  /** Streams that lost commits, and which object is the receipt of it; absent where none did. */
  readonly streams: number;
  readonly receipt?: string;
  /** Devices that a person has to look at, each with why. */
  readonly lookAt: readonly string[];
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * The step behind a restore on a platform whose store people put back themselves: meters are fenced off before anything else, the log is told which
 * streams lost commits, and a receipt says so to whoever verifies. Only then anything is recorded again. Can be repeated.
 * @throws ERR_RESTORE_TIME; ERR_LOG_PENDING (retryable) while commits of the time before have no place yet: in the next minute they have
 */
export async function takeUpRestore(platform: Platform, { restoredTo }: RestoredRequest): Promise<TakenUpRestore> {
  const { clock, directory, events, objects } = platform;
  const now = clock.now();
  const takenAt = TIME.test(restoredTo) ? Date.parse(restoredTo) : Number.NaN;
  if (!(takenAt <= now)) throw new JoulekeepError('ERR_RESTORE_TIME', 'restoredTo: a moment that is over, such as 2026-01-15T10:00:00Z');

  await raiseFence(directory, now);
  if ((await objects.list(PENDING)).length > 0)
    throw new JoulekeepError('ERR_LOG_PENDING', 'commits wait for their place in the log: ask again in a minute', { retryable: true });
  const streams = await takenBack(platform, events, takenAt);
  const receipt = receiptPlace(now);
  if (streams.length > 0) {
    // The receipt first: what the log says and no receipt accounts for is a finding.
    await objects.put(receipt, Buffer.from(receiptOf({ takenAt, restoredAt: now, streams })));
    await putTakenBack(objects, streams);
  }
  const waiting = await afterRestore(platform);
  const lookAt = await cutOffAgain(platform);
  return { waiting, lookAt, streams: streams.length, ...(streams.length === 0 ? {} : { receipt }) };
}
