import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { jwsSigningInput, type PinnedKey, parseJws, verifyJws } from './jws.ts';

/** `typ` of a key list. */
export const KEY_LIST_TYP = 'joulekeep-keys+jws';
const MOST_KEYS = 32;
const COORDINATE = /^[A-Za-z0-9_-]{43}$/;

/**
 * The keys a customer's device may trust, and for what, signed by the offline root that is pinned in it. A device never goes back
 * to a lower version.
 * @source X.1332 9.2, 10.1
 */
export interface KeyList {
  readonly version: number;
  /** UTC s. */
  readonly iat: number;
  /** Lowest version of the device's program that may still start. */
  readonly minProgram: number;
  readonly keys: readonly ListedKey[];
}

export interface ListedKey {
  /** RFC 7638 thumbprint of x and y. */
  readonly kid: string;
  /** `typ` of what it signs, and of nothing else. */
  readonly typ: string;
  /** UTC s. */
  readonly nbf: number;
  readonly exp: number;
  /** P-256, base64url. */
  readonly x: string;
  readonly y: string;
}

/** Name of a public key that everybody can compute. @source RFC 7638 */
export function pointThumbprint({ x, y }: Pick<ListedKey, 'x' | 'y'>): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url');
}

/** The same of a key. */
export function keyThumbprint(key: KeyObject): string {
  return pointThumbprint(pointOf(key));
}

/** A public key's coordinates. */
export function pointOf(key: KeyObject): Pick<ListedKey, 'x' | 'y'> {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return { x, y };
}

/** What the root signs. */
export function keyListInput(list: KeyList, root: KeyObject): Buffer {
  return jwsSigningInput({ kid: keyThumbprint(root), typ: KEY_LIST_TYP }, Buffer.from(JSON.stringify(list)));
}

/** The list, when the root signed it and it is well-formed; else undefined. */
export function openKeyList(compact: string, root: KeyObject): KeyList | undefined {
  const pinned = new Map<string, PinnedKey>([[keyThumbprint(root), { key: root, typ: KEY_LIST_TYP }]]);
  const jws = verifyJws(compact, pinned, KEY_LIST_TYP);
  return 'fault' in jws ? undefined : readKeyList(jws.payload);
}

/** A list that was verified before. */
export function readKeyListOf(compact: string): KeyList | undefined {
  const jws = parseJws(compact);
  return 'fault' in jws ? undefined : readKeyList(jws.payload);
}

/** Keys in force. @param at UTC s */
export function pinnedKeys(list: KeyList, at: number): ReadonlyMap<string, PinnedKey> {
  const inForce = list.keys.filter(({ nbf, exp }) => nbf <= at && at < exp);
  return new Map(
    inForce.map(({ kid, typ, x, y }) => [kid, { typ, key: createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' }) }]),
  );
}

function readKeyList(payload: Buffer): KeyList | undefined {
  const list = JSON.parse(payload.toString('utf8')) as KeyList;
  const { version, iat, minProgram, keys } = list;
  if (![version, iat, minProgram].every(isTime) || version < 1 || !Array.isArray(keys) || keys.length > MOST_KEYS) return undefined;
  return keys.every(isListed) ? list : undefined;
}

function isListed({ kid, typ, nbf, exp, x, y }: ListedKey): boolean {
  if (typeof typ !== 'string' || !isTime(nbf) || !isTime(exp) || !COORDINATE.test(x) || !COORDINATE.test(y)) return false;
  return pointThumbprint({ x, y }) === kid;
}

function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
