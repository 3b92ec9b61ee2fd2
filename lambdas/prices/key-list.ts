import { createPublicKey } from 'node:crypto';
import { PRICE_TYP } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Signer } from '../../protocol/cose.ts';
import { compactJws } from '../../protocol/jws.ts';
import { type KeyList, keyListInput, type ListedKey, pointOf, pointThumbprint, readKeyListOf } from '../../protocol/key-list.ts';

const OBJECT = 'keyring/display';
const DAY = 86_400;
/** A key is listed so long; a device whose list is older than that trusts nothing. */
const LISTED_DAYS = 400;
/** What a key that was replaced has signed may still be on its way. */
const OVERLAP_DAYS = 2;

/** Which key signs what. */
const LISTED = [
  ['tariff', PRICE_TYP.tariff],
  ['price', PRICE_TYP.price],
  ['demand-response', PRICE_TYP.demandResponse],
] as const;

/**
 * Tells customers' devices of the keys in use, in a list of the next version that the offline root signs. Where they are listed
 * already and the program's lowest version is no other, nothing is signed.
 * @param sign the root: r || s @param root its public half, SPKI DER
 * @returns compact JWS in force
 * @throws what `sign` throws where people have to sign first
 */
export async function tellDisplayKeys(operator: Platform, sign: Signer, root: Buffer, minProgram?: number): Promise<string> {
  const standing = await displayKeys(operator);
  const list = standing === undefined ? undefined : readKeyListOf(standing);
  const now = Math.floor(operator.clock.now() / 1000);
  const current = await Promise.all(LISTED.map(async ([id, typ]) => listed(await operator.kms.getPublicKey(id), typ, now)));
  const lowest = minProgram ?? list?.minProgram ?? 1;
  if (standing !== undefined && list !== undefined && list.minProgram === lowest && current.every((key) => isListed(list, key, now))) return standing;
  const former = (list?.keys ?? []).filter((key) => key.exp > now && !current.some(({ kid }) => kid === key.kid));
  const leaving = former.map((key) => ({ ...key, exp: Math.min(key.exp, now + OVERLAP_DAYS * DAY) }));
  const next: KeyList = { version: (list?.version ?? 0) + 1, iat: now, minProgram: lowest, keys: [...current, ...leaving] };
  const input = keyListInput(next, createPublicKey({ key: root, format: 'der', type: 'spki' }));
  const compact = compactJws(input, await sign(input));
  await operator.objects.put(OBJECT, Buffer.from(compact));
  return compact;
}

/** Compact JWS in force; undefined before the first. */
export async function displayKeys({ objects }: Pick<Platform, 'objects'>): Promise<string | undefined> {
  return (await objects.get(OBJECT))?.toString('ascii');
}

function listed(spki: Buffer, typ: string, now: number): ListedKey {
  const point = pointOf(createPublicKey({ key: spki, format: 'der', type: 'spki' }));
  return { kid: pointThumbprint(point), typ, nbf: now - DAY, exp: now + LISTED_DAYS * DAY, ...point };
}

/** And long enough yet. */
function isListed({ keys }: KeyList, { kid, typ }: ListedKey, now: number): boolean {
  return keys.some((key) => key.kid === kid && key.typ === typ && key.exp > now + (LISTED_DAYS / 4) * DAY);
}
