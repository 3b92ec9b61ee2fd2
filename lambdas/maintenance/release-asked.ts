import { PersonName } from '../../api/common.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { AMEND_REASON, amendedText, deviceNamed, releaseDevice } from '../enrol/release-device.ts';

/** What a person asks of this function once, when a device that was cut off has been examined and is sound. */
export interface ReleaseRequest {
  /** Id or thing of a meter or a concentrator. */
  readonly release: string;
  /** Who asks, by name. */
  readonly by: string;
  /** Why, 2 to 200 characters; no name of a customer in it. */
  readonly reason: string;
}

/** Lets a device in again, on record and at the gateway. @returns what was done, for the log @throws ERR_RELEASE_REQUEST, and as `releaseDevice` */
export async function releaseAsked(platform: Platform, { release, by, reason }: ReleaseRequest): Promise<string> {
  const isNamed = PersonName.safeParse(by).success && typeof reason === 'string' && AMEND_REASON.test(reason);
  if (typeof release !== 'string' || !isNamed)
    throw new JoulekeepError('ERR_RELEASE_REQUEST', 'release: a device; by: the name of a person; reason: 2 to 200 characters');
  const device = await deviceNamed(platform, release);
  return amendedText(device, await releaseDevice(platform, device, { by, reason }), by, reason);
}
