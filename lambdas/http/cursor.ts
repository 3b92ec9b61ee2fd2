import { timingSafeEqual } from 'node:crypto';
import { JoulekeepError } from '../../events/index.ts';
import type { Kms } from '../../platform/ports/kms.ts';

const KEY = 'cursor';
const MAC_BYTES = 16;

/** A place in a list that only the person it was given to can come back to. @param what the list and how it was filtered */
export async function sealCursor(kms: Pick<Kms, 'generateMac'>, person: string, what: string, place: unknown): Promise<string> {
  const payload = Buffer.from(JSON.stringify(place)).toString('base64url');
  return `${payload}.${(await macOf(kms, person, what, payload)).toString('base64url')}`;
}

/** @throws ERR_CURSOR_REFUSED for another person's, another list's, or one that nobody was given */
export async function openCursor<T>(kms: Pick<Kms, 'generateMac'>, person: string, what: string, cursor: string): Promise<T> {
  const [payload = '', mac = '', ...more] = cursor.split('.');
  const given = Buffer.from(mac, 'base64url');
  const right = await macOf(kms, person, what, payload);
  // A place has one spelling: no padding, no spare bits, nothing behind it.
  const isSpelt = more.length === 0 && given.length === MAC_BYTES && given.toString('base64url') === mac;
  if (!isSpelt || !timingSafeEqual(given, right)) throw new JoulekeepError('ERR_CURSOR_REFUSED', 'not a cursor of this list');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as T;
}

async function macOf(kms: Pick<Kms, 'generateMac'>, person: string, what: string, payload: string): Promise<Buffer> {
  const mac = await kms.generateMac(KEY, Buffer.from(JSON.stringify([person, what, payload])));
  return mac.subarray(0, MAC_BYTES);
}
