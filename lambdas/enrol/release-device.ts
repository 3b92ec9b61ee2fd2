import { meter } from '../../domain/enrolment/meter.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { concentratorThing, meterThing } from '../../topology/device-access.ts';
import { foldRelay } from '../shared/devices/relays.ts';
import { Segments } from '../shared/segments.ts';
import { foldStream } from '../shared/streams.ts';
import { amendRelay } from './relay-standing.ts';
import { amendMeter } from './standing.ts';

export interface NamedDevice {
  readonly kind: 'meter' | 'concentrator';
  readonly id: string;
  readonly thing: string;
}

/** Why a device is cut off or let in, as a person writes it: 2 to 200 characters, no name of a customer in it. */
export const AMEND_REASON = /^\S.{0,198}\S$/;

/** What was done to a device by hand, for the log. @param said how it stands then */
export function amendedText({ thing }: NamedDevice, said: string, by: string, reason: string): string {
  return `${thing}: ${said}, by ${by}: ${reason}`;
}

/** @param name id of a meter or a concentrator, or the name the gateway has for it @throws ERR_DEVICE_UNKNOWN for one that nobody enrolled */
export async function deviceNamed(platform: Platform, name: string): Promise<NamedDevice> {
  const [, meterId] = /^(?:m-)?([0-9a-f]{16})$/.exec(name) ?? [];
  if (meterId !== undefined) {
    const { state } = await foldStream(platform.events, `meter/${meterId}`, meter);
    if (state.status !== 'unknown') return { kind: 'meter', id: meterId, thing: meterThing(meterId) };
  } else if (/^[a-z0-9-]{1,35}$/.test(name)) {
    for (const id of [name, name.replace(/^dc-/, '')])
      if ((await foldRelay(platform, id)).state.standing !== 'unregistered')
        return { kind: 'concentrator', id, thing: concentratorThing(id) };
  }
  throw new JoulekeepError(
    'ERR_DEVICE_UNKNOWN',
    `${name}: no such meter or concentrator; joulekeep stream list meter/ and stream list relay/ show them`,
  );
}

/**
 * Lets a device that was cut off go on: on record first, with who says so and why, then at the gateway. Repeating it repairs what broke off.
 * @returns how it stands then @throws ERR_METER_RETIRED for a meter that was revoked for good
 */
export async function releaseDevice(
  platform: Platform,
  { kind, id, thing }: NamedDevice,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<string> {
  const released = { by, reason, at: platform.clock.now() };
  if (kind === 'concentrator') await amendRelay(platform, id, { type: 'ReleaseRelay', ...released });
  else {
    const { status } = await amendMeter(platform, new Segments(platform), id, { type: 'Release', ...released });
    if (status === 'retired')
      throw new JoulekeepError('ERR_METER_RETIRED', `${id}: was revoked, for good; enrol the meter that takes its place`);
    await platform.devices.setQuarantined(thing, false);
  }
  const { certificates = [] } = (await platform.devices.find(thing)) ?? {};
  return certificates.some(({ status }) => status === 'active') ? 'released' : 'released, without a certificate in force';
}
