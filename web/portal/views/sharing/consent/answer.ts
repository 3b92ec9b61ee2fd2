import type { ConsentAnswer, ConsentRequest } from '../../../../../api/customer-account.ts';

type DataClass = ConsentRequest['dataClasses'][number];

const DAY_MS = 86_400_000;
/** 13 months. */
const LONGEST_DAYS = 396;
const USUAL_DAYS = [30, 91, 182, 365] as const;
/** What was asked for may be a little more than one of the usual spans; then both would say the same. */
const ALIKE_DAYS = 7;

/** For how many days a customer can allow it: usual spans that are shorter than what was asked for, and that. @param now UTC ms */
export function durationsOf({ expiresAt }: Pick<ConsentRequest, 'expiresAt'>, now: number): number[] {
  const asked = Math.min(LONGEST_DAYS, Math.floor((Date.parse(expiresAt) - now) / DAY_MS));
  if (asked < 1) return [];
  return [...USUAL_DAYS.filter((days) => days < asked - ALIKE_DAYS), asked];
}

/** The yes to what was ticked. @returns undefined where nothing was, or no duration chosen: then there is nothing to say yes to */
export function allowing(
  request: Pick<ConsentRequest, 'dataClasses' | 'textHash'>,
  ticked: ReadonlySet<DataClass>,
  days: number | undefined,
): ConsentAnswer | undefined {
  const dataClasses = request.dataClasses.filter((one) => ticked.has(one));
  if (dataClasses.length === 0 || days === undefined) return undefined;
  return { decision: 'allow', textHash: request.textHash, dataClasses, days };
}

/**
 * Where the browser may go after the answer: the service itself, which ends the question, or whoever asked. @param own origin of the portal
 * @returns undefined for anywhere else, and for what is no address of the web
 */
export function safeLocation(
  location: string,
  { own, returnsTo }: { readonly own: string; readonly returnsTo: string },
): string | undefined {
  const [url, asker] = [addressOf(location, own), addressOf(returnsTo, own)];
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) return undefined;
  return url.origin === own || url.origin === asker?.origin ? url.href : undefined;
}

function addressOf(text: string, base: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
