import type { KeyObject } from 'node:crypto';
import { JoulekeepError } from '../../events/errors.ts';
import { JwsSigner, publicKeyOf } from '../../lambdas/shared/feeds/jws-signer.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { APPLICATION_TYP, type ApplicationManifest, MOST_LIFE_MS, NOTHING_SEEN } from '../../protocol/application/manifest.ts';
import { type ApplicationTrust, verifyApplication } from '../../protocol/application/verify.ts';
import { keyThumbprint } from '../../protocol/key-list.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import type { Application } from '../../topology/site-config.ts';
import { hashOf } from './assemble.ts';
import type { SiteFiles } from './built.ts';

/** Of topology/keys.ts. */
export const APPLICATION_KEY = 'application';

/** Principal of whoever publishes. */
export const PUBLISHER = 'publisher';

/** What whoever publishes needs: signs with the key of applications and keeps what was signed last. */
export interface Publisher {
  readonly kms: Pick<Platform['kms'], 'sign' | 'getPublicKey'>;
  readonly objects: Pick<Platform['objects'], 'get' | 'put'>;
  /** That browsers go by. */
  readonly wall: Platform['clock'];
}

/** The key in use. */
export async function applicationKey({ kms }: Pick<Publisher, 'kms'>): Promise<KeyObject> {
  return await publicKeyOf(kms, APPLICATION_KEY);
}

/** The key in use, as loaders pin it. */
export async function applicationKeys(publisher: Pick<Publisher, 'kms'>): Promise<Readonly<Record<string, string>>> {
  return pinned([await applicationKey(publisher)]);
}

/** Keys as loaders pin them: SPKI DER, base64url, by thumbprint. */
export function pinned(keys: readonly KeyObject[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key) => [keyThumbprint(key), spkiText(key)]));
}

/** SPKI DER, base64url. */
export function spkiText(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64url');
}

/**
 * Signs a manifest over the files, of the next version; what is signed already is returned as it was, until half its life is over. `minVersion`
 * stays what it was unless it is given.
 * @returns compact JWS @throws ERR_SITE_VERSION for a `minVersion` that falls, or beyond the version it would come with
 */
export async function signSite(publisher: Publisher, application: Application, files: SiteFiles, minVersion?: number): Promise<string> {
  const key = `sites/${application}.jws`;
  const hashes = Object.fromEntries([...files].map(([path, body]) => [path, hashOf(body)]));
  const trust: ApplicationTrust = { application, keys: await applicationKeys(publisher), verifyManifest: ALL_DEFENCES.applicationManifest };
  const now = publisher.wall.now();
  const standing = (await publisher.objects.get(key))?.toString('ascii');
  const last = standing === undefined ? undefined : manifestOf(standing);
  const lowest = minVersion ?? last?.minVersion ?? 0;
  const isSame = last !== undefined && last.minVersion === lowest && JSON.stringify(last.files) === JSON.stringify(hashes);
  // A device that saw the renewed one takes the one before no more: the version rises.
  if (isSame && 'manifest' in (await verifyApplication(standing!, trust, NOTHING_SEEN, now + MOST_LIFE_MS / 2))) return standing!;
  const version = (last?.version ?? 0) + 1;
  if (lowest > version) throw new JoulekeepError('ERR_SITE_VERSION', `--min-version ${lowest}: the version to come is ${version}`);
  if (lowest < (last?.minVersion ?? 0))
    throw new JoulekeepError('ERR_SITE_VERSION', `--min-version ${lowest}: it is ${last?.minVersion} already`);
  const life = { issuedAt: now, validUntil: now + MOST_LIFE_MS };
  const manifest: ApplicationManifest = { application, version, minVersion: lowest, ...life, files: hashes };
  const compact = await new JwsSigner(publisher.kms, APPLICATION_KEY, APPLICATION_TYP).sign(manifest);
  await publisher.objects.put(key, Buffer.from(compact, 'ascii'));
  return compact;
}

/** Of what this very store keeps: nobody else writes there. */
function manifestOf(compact: string): ApplicationManifest {
  return JSON.parse(Buffer.from(compact.split('.')[1] ?? '', 'base64url').toString('utf8')) as ApplicationManifest;
}
