import { evolveConsent, UNKNOWN_CONSENT } from '../../domain/consent/consent-state.ts';
import type { Directory, Platform } from '../../platform/ports/platform.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { sinceRestore } from '../shared/restore-fence.ts';
import { foldStream } from '../shared/streams.ts';

const OF_ACCOUNT = 'consent-of/';
const UNTIL = 'consent-until/';
const EXPIRED_THROUGH = 'consent-expired-through';
const DAY_MS = 86_400_000;
const NOTHING = Buffer.alloc(0);

/** Finds consents by account and by the day they end on. Says where to look; what holds, the streams say. @param expiresAt UTC ms */
export async function noteConsent(directory: Directory, account: string, consentId: string, expiresAt: number): Promise<void> {
  await directory.put([
    { key: `${OF_ACCOUNT}${account}/${consentId}`, value: NOTHING },
    { key: `${UNTIL}${utcDate(expiresAt)}/${consentId}`, value: NOTHING },
  ]);
}

export async function consentIdsOf(directory: Directory, account: string): Promise<readonly string[]> {
  return await idsUnder(directory, `${OF_ACCOUNT}${account}/`);
}

/** Consents that end on a day up to today (UTC) which was not dealt with as a whole. @param now UTC ms */
export async function consentsToExpire(directory: Directory, now: number): Promise<readonly string[]> {
  const through = await directory.get(await sinceRestore(directory, EXPIRED_THROUGH));
  if (through === undefined) {
    const found: string[] = [];
    for await (const { key } of directory.list(UNTIL)) {
      const [day, id] = key.slice(UNTIL.length).split('/') as [string, string];
      if (day <= utcDate(now)) found.push(id);
    }
    return found;
  }
  const found: string[] = [];
  for (let at = Date.parse(through.toString()) + DAY_MS; at <= now; at += DAY_MS)
    found.push(...(await idsUnder(directory, `${UNTIL}${utcDate(at)}/`)));
  return found;
}

/** Every day before today is dealt with. */
export async function settleExpired(directory: Directory, now: number): Promise<void> {
  await directory.put([{ key: await sinceRestore(directory, EXPIRED_THROUGH), value: Buffer.from(utcDate(now - DAY_MS)) }]);
}

/** Notes every consent there is, after the directory was lost. @returns how many */
export async function rebuildConsentIndex({ events, directory }: Platform): Promise<number> {
  const decider = { initial: UNKNOWN_CONSENT, evolve: evolveConsent };
  let noted = 0;
  for await (const stream of events.streams('consent/')) {
    const { state } = await foldStream(events, stream, decider);
    if (state.status === 'unknown' || state.status === 'requested') continue;
    await noteConsent(directory, state.account, state.consentId, state.expiresAt);
    noted++;
  }
  return noted;
}

async function idsUnder(directory: Directory, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of directory.list(prefix)) found.push(key.slice(prefix.length));
  return found;
}
