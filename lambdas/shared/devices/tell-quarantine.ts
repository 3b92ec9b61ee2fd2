import type { Log } from '../../../platform/ports/platform.ts';
import type { Counters } from '../../middleware/counters.ts';

/** A device was cut off: in the log, and counted, which rings. @param reason as it is on record, no id of a device in it */
export function tellQuarantine({ log, counters }: { readonly log: Log; readonly counters: Counters }, reason: string): void {
  log.warn('device quarantined', { code: 'DEVICE_QUARANTINED', reason });
  counters.add('DeviceQuarantined');
}
