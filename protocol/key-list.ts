import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { type Jws, jwsSigningInput, type PinnedKey, parseJws, verifyJws } from './jws.ts';
import { KEY_LIST_TYP, type KeyList, keysInForce, type ListedKey, readKeyList, thumbprintInput } from './portable/listed-keys.ts';
import { jsonOf } from './portable/values.ts';

/** Name of a public key that everybody can compute. @source RFC 7638 */
export function pointThumbprint(point: Pick<ListedKey, 'x' | 'y'>): string {
  return createHash('sha256').update(thumbprintInput(point)).digest('base64url');
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
  return 'fault' in jws ? undefined : listOf(jws);
}

/** A list that was verified before. */
export function readKeyListOf(compact: string): KeyList | undefined {
  const jws = parseJws(compact);
  return 'fault' in jws ? undefined : listOf(jws);
}

/** Keys in force. @param at UTC s */
export function pinnedKeys(list: KeyList, at: number): ReadonlyMap<string, PinnedKey> {
  return new Map(
    keysInForce(list, at).map(({ kid, typ, x, y }) => [
      kid,
      { typ, key: createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' }) },
    ]),
  );
}

function listOf({ payload }: Jws): KeyList | undefined {
  const list = readKeyList(jsonOf(payload));
  return list?.keys.every((key) => pointThumbprint(key) === key.kid) ? list : undefined;
}
