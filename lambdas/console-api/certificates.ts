import type { KeysView, Overview } from '../../api/console.ts';
import type { ListedCaller } from '../../platform/ports/caller-list.ts';
import { instantOrNull } from '../http/instants.ts';
import { endsBetween } from '../shared/devices/certificate-ends.ts';
import type { ConsoleDesk } from './desk.ts';

const DAY_MS = 86_400_000;
const WITHIN_DAYS = 30;
/** Of people, and of devices, looked at. */
const MOST = 200;
/** Devices' certificates that end so far ahead are shown. */
const SHOWN_DAYS = 400;

/** As its register has it. */
interface Listed extends Omit<ListedCaller, 'role'> {
  readonly role: string;
}

/** Certificates in force that end soon, or have ended within as many days and were not replaced in the registers. */
export async function expiringCertificates(desk: ConsoleDesk, now: number): Promise<Overview['certificates']> {
  const window = { from: now - WITHIN_DAYS * DAY_MS, until: now + WITHIN_DAYS * DAY_MS };
  const active = (await listed(desk, window)).filter(({ status }) => status === 'active');
  const ends = active.flatMap(({ notAfter }) => notAfter ?? []);
  return {
    expiring: ends.filter((end) => end >= now && end <= window.until).length,
    expired: ends.filter((end) => end < now && end >= window.from).length,
    withinDays: WITHIN_DAYS,
  };
}

/** By when they end, what is not known last. */
export async function listCertificates(desk: ConsoleDesk, now: number): Promise<KeysView['certificates']> {
  const known = await listed(desk, { from: now - WITHIN_DAYS * DAY_MS, until: now + SHOWN_DAYS * DAY_MS });
  return known
    .sort((a, b) => (a.notAfter ?? Number.POSITIVE_INFINITY) - (b.notAfter ?? Number.POSITIVE_INFINITY))
    .map(({ subject, role, status, notAfter }) => ({
      ...{ subject, role, notAfter: instantOrNull(notAfter) },
      status: status === 'active' && notAfter !== null && notAfter < now ? 'expired' : status,
    }));
}

/** Those of people, and those of devices that end in a window, UTC ms. */
async function listed(desk: ConsoleDesk, window: { readonly from: number; readonly until: number }): Promise<Listed[]> {
  const people = await desk.callers.callers(MOST);
  const devices = await endsBetween(desk.directory, window, MOST);
  const standings = await Promise.all(devices.map(({ fingerprint }) => desk.devices.certificateStatus(fingerprint)));
  return [
    ...people.map(({ subject, role, status, notAfter }) => ({ subject, role, status, notAfter })),
    ...devices.map(({ thing, role, notAfter }, i) => ({ subject: thing, role, status: standings[i] ?? 'revoked', notAfter })),
  ];
}
