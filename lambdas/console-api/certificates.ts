import type { KeysView, Overview } from '../../api/console.ts';
import { endsBetween } from '../shared/certificate-ends.ts';
import { type ConsoleDesk, instant } from './desk.ts';

const DAY_MS = 86_400_000;
const WITHIN_DAYS = 30;
/** Of people, and of devices, looked at. */
const MOST = 200;
/** Devices' certificates that end so far ahead are shown. */
const SHOWN_DAYS = 400;

/** Certificates in force that end soon, or have ended within as many days and were not replaced in the registers. */
export async function expiringCertificates(desk: ConsoleDesk, now: number): Promise<Overview['certificates']> {
  const people = (await desk.callers.callers(MOST)).filter(({ status }) => status === 'active').flatMap(({ notAfter }) => notAfter ?? []);
  const window = { from: now - WITHIN_DAYS * DAY_MS, until: now + WITHIN_DAYS * DAY_MS };
  const devices = await endsBetween(desk.directory, window, MOST);
  const standings = await Promise.all(devices.map(({ fingerprint }) => desk.devices.certificateStatus(fingerprint)));
  const ends = [...people, ...devices.filter((_, i) => standings[i] === 'active').map(({ notAfter }) => notAfter)];
  return {
    expiring: ends.filter((end) => end >= now && end <= window.until).length,
    expired: ends.filter((end) => end < now && end >= window.from).length,
    withinDays: WITHIN_DAYS,
  };
}

/** By when they end, what is not known last. */
export async function listCertificates(desk: ConsoleDesk, now: number): Promise<KeysView['certificates']> {
  const people = await desk.callers.callers(MOST);
  const window = { from: now - WITHIN_DAYS * DAY_MS, until: now + SHOWN_DAYS * DAY_MS };
  const devices = await endsBetween(desk.directory, window, MOST);
  const standings = await Promise.all(devices.map(({ fingerprint }) => desk.devices.certificateStatus(fingerprint)));
  const known = [
    ...people.map(({ subject, role, status, notAfter }) => ({ subject, role: role as string, status, notAfter })),
    ...devices.map(({ thing, role, notAfter }, i) => ({
      subject: thing,
      role: role as string,
      status: standings[i] ?? 'revoked',
      notAfter,
    })),
  ];
  return known
    .sort((a, b) => (a.notAfter ?? Number.POSITIVE_INFINITY) - (b.notAfter ?? Number.POSITIVE_INFINITY))
    .map(({ subject, role, status, notAfter }) => ({
      ...{ subject, role, notAfter: notAfter === null ? null : instant(notAfter) },
      status: status === 'active' && notAfter !== null && notAfter < now ? 'expired' : status,
    }));
}
