import type { Directory } from '../../../platform/ports/platform.ts';

const HOUR = 3_600_000;
const PREFIX = 'agenda/';
const CURSOR = 'agenda-done';

/** Somebody to look at (`meterId` or `dc-<dcId>`) at a time, UTC ms. What is to be done then, the stream says. */
export interface Appointment {
  readonly who: string;
  readonly at: number;
}

/** Notes appointments by the hour, rounded up. Several of one hour are one. Lost ones are found again from the streams. */
export async function note(directory: Directory, appointments: readonly Appointment[]): Promise<void> {
  const entries = appointments.map(({ who, at }) => ({ key: `${PREFIX}${hourName(Math.ceil(at / HOUR))}/${who}`, value: Buffer.alloc(0) }));
  if (entries.length > 0) await directory.put(entries);
}

/** Everybody with an appointment up to now that was not dealt with, each once. */
export async function due(directory: Directory, now: number): Promise<Set<string>> {
  const current = Math.floor(now / HOUR);
  const cursor = await directory.get(CURSOR);
  const who = new Set<string>();
  if (cursor === undefined) {
    for await (const { key } of directory.list(PREFIX)) if (hourOf(key) <= current) who.add(whoOf(key));
    return who;
  }
  for (let hour = Number(cursor.toString()) + 1; hour <= current; hour++) {
    for await (const { key } of directory.list(`${PREFIX}${hourName(hour)}/`)) who.add(whoOf(key));
  }
  return who;
}

/** All appointments up to `now` are dealt with. */
export async function settled(directory: Directory, now: number): Promise<void> {
  await directory.put([{ key: CURSOR, value: Buffer.from(String(Math.floor(now / HOUR))) }]);
}

function hourName(hour: number): string {
  return String(hour).padStart(8, '0');
}

function hourOf(key: string): number {
  return Number(key.slice(PREFIX.length, PREFIX.length + 8));
}

function whoOf(key: string): string {
  return key.slice(PREFIX.length + 9);
}
