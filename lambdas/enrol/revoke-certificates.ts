import type { Platform } from '../../platform/ports/platform.ts';

/** From here on no certificate of the thing opens anything, also none whose registering broke off. Can be repeated. @returns how many it has */
export async function revokeCertificates({ devices }: Pick<Platform, 'devices'>, thing: string): Promise<number> {
  const { certificates = [] } = (await devices.find(thing)) ?? {};
  for (const { fingerprint } of certificates) await devices.revoke(fingerprint);
  return certificates.length;
}
