import { WATCH_PROFILES } from '../../topology/detection.ts';
import { tellQuarantine } from '../shared/devices/tell-quarantine.ts';
import { amendRelay } from './relay-standing.ts';
import type { EnrolContext } from './take-registration.ts';

const BEHAVIOURS: ReadonlySet<string> = new Set(WATCH_PROFILES.flatMap(({ behaviours }) => behaviours.map(({ name }) => name)));

export interface Violation {
  readonly thing: string;
  readonly behaviour: string;
}

/** A device does what no healthy one does: it is quarantined, on record where it is a concentrator. A person lets it in again. */
export async function takeViolation({ platform, counters, log }: EnrolContext, { thing, behaviour }: Violation): Promise<void> {
  const reason = `detected/${BEHAVIOURS.has(behaviour) ? behaviour : 'other'}`;
  const [, dcId] = /^dc-([a-z0-9-]{1,32})$/.exec(thing) ?? [];
  if (dcId !== undefined) await amendRelay(platform, dcId, { type: 'QuarantineRelay', reason, at: platform.clock.now() });
  else await platform.devices.setQuarantined(thing, true);
  tellQuarantine({ log, counters }, reason);
}
