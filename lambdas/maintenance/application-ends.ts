import type { Clock, Platform } from '../../platform/ports/platform.ts';
import { readManifest } from '../../protocol/application/manifest.ts';
import { APPLICATIONS } from '../../topology/site-config.ts';

/** Whoever publishes signs anew when fifteen days are left; with fewer than these nobody did. */
const LEAST_LEFT_MS = 10 * 86_400_000;

/**
 * Applications whose manifest, as it was signed last, ends soon or has ended: no browser with a network starts them then.
 * @param wall that browsers go by @source X.1332 9.2 (integrity of applications)
 */
export async function endingApplications({ objects }: Pick<Platform, 'objects'>, wall: Clock): Promise<readonly string[]> {
  const signed = await Promise.all(APPLICATIONS.map(async (name) => ({ name, compact: await objects.get(`sites/${name}.jws`) })));
  // One that was never published has nobody who waits for it.
  const published = signed.filter(({ compact }) => compact !== undefined);
  return published.filter(({ compact }) => wall.now() > endOf(compact!) - LEAST_LEFT_MS).map(({ name }) => name);
}

/** UTC ms; long ago for one that has no end, as before there were ends. */
function endOf(compact: Buffer): number {
  const [, payload = ''] = compact.toString('ascii').split('.');
  return readManifest(Buffer.from(payload, 'base64url'))?.validUntil ?? 0;
}
