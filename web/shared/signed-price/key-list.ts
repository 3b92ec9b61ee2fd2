import { fromBase64url } from '../../../protocol/portable/base64url.ts';
import { ES256, type JwsFault } from '../../../protocol/portable/compact-jws.ts';
import { KEY_LIST_TYP, type KeyList, keysInForce, readKeyList } from '../../../protocol/portable/listed-keys.ts';
import { thumbprintOf } from '../proof-key.ts';
import { type TrustedKey, verifyJws } from './jws.ts';

/** The list, when the root signed it. @param root SPKI DER, base64url @source X.1332 9.2, 10.1 */
export async function openKeyList(compact: unknown, root: string): Promise<KeyList | { readonly fault: JwsFault }> {
  const spki = fromBase64url(root);
  if (spki === undefined) return { fault: 'unknown-key' };
  const key = await crypto.subtle.importKey('spki', spki, ES256, true, ['verify']);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', key);
  const trusted = new Map<string, TrustedKey>([[await thumbprintOf({ x, y }), { key, typ: KEY_LIST_TYP }]]);
  const jws = await verifyJws(compact, trusted, KEY_LIST_TYP);
  if ('fault' in jws) return jws;
  const list = readKeyList(jws.payload);
  return list !== undefined && (await areNamedRight(list)) ? list : { fault: 'malformed' };
}

/** Keys in force. @param at UTC s */
export async function trustedKeys(list: KeyList, at: number): Promise<ReadonlyMap<string, TrustedKey>> {
  const imported = keysInForce(list, at).map(async ({ kid, typ, x, y }) => {
    const key = await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y }, ES256, true, ['verify']);
    return [kid, { key, typ }] as const;
  });
  return new Map(await Promise.all(imported));
}

async function areNamedRight({ keys }: KeyList): Promise<boolean> {
  const names = await Promise.all(keys.map(thumbprintOf));
  return keys.every(({ kid }, i) => kid === names[i]);
}
