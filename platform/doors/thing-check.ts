import { createHash } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import { THING_TYPES } from '../../topology/device-access.ts';
import { IOT_LIMITS } from '../../topology/limits.ts';
import type { DeviceRole } from '../ports/platform.ts';

/** @param recorded what it already is, where it is known @throws ERR_THING_NAME, ERR_THING_ROLE */
export function checkThing(thing: string, role: DeviceRole, recorded: DeviceRole | undefined): void {
  if (!/^[a-z0-9-]+$/.test(thing) || thing.length > IOT_LIMITS.thingNameBytes) {
    throw new JoulekeepError('ERR_THING_NAME', 'a thing name is 1 to 128 of a-z, 0-9 and -');
  }
  const misnamed = THING_TYPES.some((type) => (type.role === role) !== thing.startsWith(type.thingPrefix));
  if (misnamed || (recorded !== undefined && recorded !== role)) {
    throw new JoulekeepError('ERR_THING_ROLE', `${thing} can't be a ${role}`);
  }
}

/** @returns SHA-256 of the DER, hex */
export function fingerprintOf(der: Buffer): string {
  return createHash('sha256').update(der).digest('hex');
}

export function attachedElsewhere(fingerprint: string): JoulekeepError {
  return new JoulekeepError('ERR_CERTIFICATE_ATTACHED', `certificate ${fingerprint} belongs to another thing`);
}

export function certificateUnknown(fingerprint: string): JoulekeepError {
  return new JoulekeepError('ERR_CERTIFICATE_UNKNOWN', `no certificate ${fingerprint}`);
}
