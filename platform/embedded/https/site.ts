import type { RouteRate } from '../../../topology/route.ts';
import type { SiteFile } from '../../doors/site-file.ts';

/** What a door shows to browsers, by path of the request, e.g. `/`: ready in every encoding, so that a request costs a look-up. */
export type Site = ReadonlyMap<string, SiteFile>;

/** A site that a door shows: asked at every request, so it may be renewed meanwhile. */
export type ShownSite = Pick<Site, 'get'>;

/** One start is a dozen files, twice on the first one, when the service worker keeps them. */
export const SITE_RATE: RouteRate = { burst: 240, perMinute: 480 };

/** Whether this is a question for the site at all. */
export function fileOf(site: ShownSite | undefined, method: string | undefined, path: string): SiteFile | undefined {
  return method === 'GET' || method === 'HEAD' ? site?.get(path) : undefined;
}
