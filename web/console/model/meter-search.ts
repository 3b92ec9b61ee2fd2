import { hrefOf, type Place } from '../../shared/router.ts';

/** What somebody looks for: a meter by its id, or what hangs at a usage point or with an account. */
export type WantedMeter = { readonly meterId: string } | { readonly of: string } | { readonly fault: 'wrong' };
export type SearchFault = 'wrong' | 'none';

const METER_ID = /^[0-9a-f]{16}$/;
/** As the service names usage points and accounts. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** @param text as typed */
export function wantedMeter(text: string): WantedMeter {
  const typed = text.trim();
  if (METER_ID.test(typed.toLowerCase())) return { meterId: typed.toLowerCase() };
  return NAME.test(typed) ? { of: typed } : { fault: 'wrong' };
}

/** The page of meters, looking for those of a usage point or an account. */
export function hrefOfMeters(of: string): string {
  return hrefOf(['meter'], { of });
}

/** What an address asks the page of meters to look for. */
export function wantedAt({ query }: Pick<Place, 'query'>): string | undefined {
  return query.get('of') ?? undefined;
}
