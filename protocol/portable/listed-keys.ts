import { isCount, isRecord } from './values.ts';

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

/** A list whose keys still have to be held against their names; undefined for any other shape. */
export function readKeyList(payload: unknown): KeyList | undefined {
  if (!isRecord(payload)) return undefined;
  const { version, iat, minProgram, keys } = payload;
  if (!isCount(version, 1) || !isCount(iat) || !isCount(minProgram)) return undefined;
  if (!Array.isArray(keys) || keys.length > MOST_KEYS || !keys.every(isListed)) return undefined;
  return payload as unknown as KeyList;
}

function isListed(key: unknown): key is ListedKey {
  if (!isRecord(key)) return false;
  const { kid, typ, nbf, exp, x, y } = key;
  return typeof kid === 'string' && typeof typ === 'string' && isCount(nbf) && isCount(exp) && isCoordinate(x) && isCoordinate(y);
}

function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && COORDINATE.test(value);
}

/** Those in force. @param at UTC s */
export function keysInForce({ keys }: KeyList, at: number): readonly ListedKey[] {
  return keys.filter(({ nbf, exp }) => nbf <= at && at < exp);
}

/** What the SHA-256 of is the name of a public key, which everybody can compute. @source RFC 7638 */
export function thumbprintInput({ x, y }: Pick<ListedKey, 'x' | 'y'>): string {
  return JSON.stringify({ crv: 'P-256', kty: 'EC', x, y });
}
