import type { Platform } from '../../platform/ports/platform.ts';
import { consentsToExpire, settleExpired } from './consent-index.ts';
import type { Consents } from './consents.ts';

/**
 * Ends consents whose time has come, so that customer and recipient can see that they ended. Nothing waits for it: a disclosure asks
 * the clock itself. @returns how many ended
 */
export async function expireConsents({ directory, clock }: Platform, consents: Consents): Promise<number> {
  const now = clock.now();
  let ended = 0;
  for (const consentId of await consentsToExpire(directory, now)) if (await consents.expire(consentId)) ended++;
  await settleExpired(directory, now);
  return ended;
}
