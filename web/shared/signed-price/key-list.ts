import { fromBase64url } from '../../../protocol/application/bytes.ts';
import { thumbprintOf } from '../proof-key.ts';
import { isRecord, type SignatureFault, type TrustedKey, verifyJws } from './jws.ts';

const KEY_LIST_TYP = 'joulekeep-keys+jws';
const MOST_KEYS = 32;
const COORDINATE = /^[A-Za-z0-9_-]{43}$/;
const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const;

interface ListedKey {
  readonly kid: string;
  readonly typ: string;
  /** UTC s. */
  readonly nbf: number;
  readonly exp: number;
  readonly x: string;
  readonly y: string;
}

/** Keys that the pinned root vouches for. */
export interface KeyList {
  readonly version: number;
  /** UTC s. */
  readonly iat: number;
  readonly keys: readonly ListedKey[];
}

/** The list, when the root signed it. @param root SPKI DER, base64url @source X.1332 9.2, 10.1 */
export async function openKeyList(compact: unknown, root: string): Promise<KeyList | { readonly fault: SignatureFault }> {
  const spki = fromBase64url(root);
  if (spki === undefined) return { fault: 'unknown-key' };
  const key = await crypto.subtle.importKey('spki', spki, EC, true, ['verify']);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', key);
  const trusted = new Map<string, TrustedKey>([[await thumbprintOf({ x, y }), { key, typ: KEY_LIST_TYP }]]);
  const jws = await verifyJws(compact, trusted, KEY_LIST_TYP);
  if ('fault' in jws) return jws;
  return (await readKeyList(jws.payload)) ?? { fault: 'malformed' };
}

/** Keys in force. @param at UTC s */
export async function trustedKeys({ keys }: KeyList, at: number): Promise<ReadonlyMap<string, TrustedKey>> {
  const inForce = keys.filter(({ nbf, exp }) => nbf <= at && at < exp);
  const imported = inForce.map(async ({ kid, typ, x, y }) => {
    const key = await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y }, EC, true, ['verify']);
    return [kid, { key, typ }] as const;
  });
  return new Map(await Promise.all(imported));
}

async function readKeyList(payload: unknown): Promise<KeyList | undefined> {
  if (!isRecord(payload)) return undefined;
  const { version, iat, keys } = payload;
  if (!isTime(version) || !isTime(iat) || version === 0 || !Array.isArray(keys) || keys.length > MOST_KEYS) return undefined;
  const listed = await Promise.all(keys.map(isListed));
  return listed.every(Boolean) ? { version, iat, keys: keys as readonly ListedKey[] } : undefined;
}

async function isListed(key: unknown): Promise<boolean> {
  if (!isRecord(key)) return false;
  const { kid, typ, nbf, exp, x, y } = key;
  if (typeof typ !== 'string' || !isTime(nbf) || !isTime(exp) || typeof x !== 'string' || typeof y !== 'string') return false;
  return COORDINATE.test(x) && COORDINATE.test(y) && (await thumbprintOf({ x, y })) === kid;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
