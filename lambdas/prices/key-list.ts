import { createPublicKey, type KeyObject } from 'node:crypto';
import { BILLING_FEED_TYP } from '../../events/feed.ts';
import { JoulekeepError, PRICE_TYP } from '../../events/index.ts';
import type { KeyClockwork } from '../../platform/ports/kms.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Signer } from '../../protocol/cose.ts';
import { compactJws } from '../../protocol/jws.ts';
import { keyListInput, pointOf, pointThumbprint, readKeyListOf } from '../../protocol/key-list.ts';
import type { KeyList, ListedKey } from '../../protocol/portable/listed-keys.ts';
import { publicKeyOf } from '../shared/feeds/jws-signer.ts';

const OBJECT = 'keyring/display';
/** SPKI DER of the root that is pinned in devices; put there when the service is installed. */
const ROOT = 'keyring/root';
/** Keys that nothing may be believed of any more. */
const WITHDRAWN = 'keyring/withdrawn';
const DAY = 86_400;
/** Rotated after a year; a device that heard of no successor by then trusts nothing. */
const LISTED_DAYS = 365 + 90;
/** What a key that was replaced has signed may still be on its way. */
const OVERLAP_DAYS = 2;

/** Which key signs what. */
const LISTED = [
  ['tariff', PRICE_TYP.tariff],
  ['price', PRICE_TYP.price],
  ['demand-response', PRICE_TYP.demandResponse],
  ['billing-feed', BILLING_FEED_TYP],
] as const;

/**
 * Tells customers' devices of the keys in use, in a list of the next version that the offline root signs. Nothing is signed where they
 * are listed already and the program's lowest version is no other. The list is derived from the generations alone: the same make the
 * same bytes to sign, however often it is tried.
 * @param sign the root: r || s @returns compact JWS in force
 * @throws ERR_ROOT_MISSING, and what `sign` throws until people have signed
 */
export async function tellDisplayKeys(
  operator: Platform,
  service: Pick<KeyClockwork, 'newestGeneration'>,
  sign: Signer,
  minProgram?: number,
): Promise<string> {
  const standing = await displayKeys(operator);
  const list = standing === undefined ? undefined : readKeyListOf(standing);
  const withdrawn = new Set((await withdrawnKeys(operator)).map(({ kid }) => kid));
  const newestOnes = await Promise.all(LISTED.map(([id, typ]) => newest(operator, service, id, typ)));
  const current = newestOnes.filter(({ kid }) => !withdrawn.has(kid));
  const isClean = list?.keys.every(({ kid }) => !withdrawn.has(kid)) ?? true;
  const lowest = minProgram ?? list?.minProgram ?? 1;
  const unknown = current.filter(({ kid }) => list?.keys.every((key) => key.kid !== kid) ?? true);
  if (standing !== undefined && unknown.length === 0 && isClean && list?.minProgram === lowest) return standing;
  const iat = Math.max(list?.iat ?? 0, ...current.map(({ nbf }) => nbf));
  const former = (list?.keys ?? []).filter(
    (key) => key.exp > iat && !withdrawn.has(key.kid) && !current.some(({ kid }) => kid === key.kid),
  );
  const leaving = former.map((key) => ({ ...key, exp: Math.min(key.exp, iat + OVERLAP_DAYS * DAY) }));
  const next: KeyList = { version: (list?.version ?? 0) + 1, iat, minProgram: lowest, keys: [...current, ...leaving] };
  const input = keyListInput(next, await pinnedRoot(operator));
  const compact = compactJws(input, await sign(input));
  await operator.objects.put(OBJECT, Buffer.from(compact));
  return compact;
}

/** A key that was withdrawn: by whom, with whom, and why. */
export interface WithdrawnKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  /** Of topology/keys.ts, with its generation, e.g. `price-1`. */
  readonly key: string;
  /** UTC ms. */
  readonly at: number;
  readonly by: string;
  readonly second: string;
  readonly reason: string;
}

/** The first first. */
export async function withdrawnKeys({ objects }: Pick<Platform, 'objects'>): Promise<readonly WithdrawnKey[]> {
  const kept = await objects.get(WITHDRAWN);
  return kept === undefined ? [] : (JSON.parse(kept.toString('utf8')) as readonly WithdrawnKey[]);
}

/** Puts a key among those that no list names again. The next list, which `tellDisplayKeys` makes, is without it. */
export async function noteWithdrawn({ objects }: Pick<Platform, 'objects'>, key: WithdrawnKey): Promise<void> {
  const before = (await withdrawnKeys({ objects })).filter(({ kid }) => kid !== key.kid);
  await objects.put(WITHDRAWN, Buffer.from(`${JSON.stringify([...before, key])}\n`));
}

/** Compact JWS in force; undefined before the first. */
export async function displayKeys({ objects }: Pick<Platform, 'objects'>): Promise<string | undefined> {
  return (await objects.get(OBJECT))?.toString('ascii');
}

/** Where the root is no other than before, nothing changes. @param spki DER */
export async function pinRoot({ objects }: Pick<Platform, 'objects'>, spki: Buffer): Promise<void> {
  if ((await objects.get(ROOT)) === undefined) await objects.put(ROOT, spki);
}

async function pinnedRoot({ objects }: Pick<Platform, 'objects'>): Promise<KeyObject> {
  const spki = await objects.get(ROOT);
  if (spki === undefined) throw new JoulekeepError('ERR_ROOT_MISSING', `${ROOT} is not there: put the root's public key`);
  return createPublicKey({ key: spki, format: 'der', type: 'spki' });
}

async function newest(operator: Platform, service: Pick<KeyClockwork, 'newestGeneration'>, keyId: string, typ: string): Promise<ListedKey> {
  const { id, createdAt } = await service.newestGeneration(keyId);
  const point = pointOf(await publicKeyOf(operator.kms, id));
  const nbf = Math.floor(createdAt / 1000);
  return { kid: pointThumbprint(point), typ, nbf, exp: nbf + LISTED_DAYS * DAY, ...point };
}
