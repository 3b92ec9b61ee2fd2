import type { Site } from '../../platform/embedded/https/site.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { APPLICATIONS, type Application, type SignInEndpoints, type SiteConfig } from '../../topology/site-config.ts';
import { assembleSite, connectOf } from './assemble.ts';
import { BUILT, isBuilt, readBuilt } from './built.ts';
import { readySite } from './ready.ts';
import { applicationKeys, PUBLISHER, signSite, spkiText } from './sign.ts';

/** The applications as they are shown. */
export interface Applications {
  /** Where they were built; default `.web` of this repository. */
  readonly builtIn?: string;
}

/** Both applications, or a line that says why browsers are shown none. */
export function shownApplications(say: (line: string) => void): { readonly applications?: Applications } {
  if (APPLICATIONS.every((application) => isBuilt(application))) return { applications: {} };
  say('Portal and console are not built, so browsers are shown neither: npm run build:web');
  return {};
}

type SiteSettings = SignInEndpoints & Applications;

/** Sites by the door that shows them. */
export type Sites = Readonly<Record<'customer' | 'console', Site>>;

/** Assembles and signs both applications. @throws UsageError when they are not built */
export async function sitesOf(platform: Pick<Embedded, 'as' | 'ca'>, settings: SiteSettings, defences: Defences): Promise<Sites> {
  return { customer: await siteOf(platform, 'portal', settings, defences), console: await siteOf(platform, 'console', settings, defences) };
}

async function siteOf(
  { as, ca }: Pick<Embedded, 'as' | 'ca'>,
  application: Application,
  { builtIn = BUILT, ...endpoints }: SiteSettings,
  defences: Defences,
): Promise<Site> {
  const publisher = as(PUBLISHER);
  const priceKeysRoot = spkiText(ca.manifestRoot.publicKey);
  const config = configOf(application, endpoints, priceKeysRoot);
  const keys = await applicationKeys(publisher);
  const files = assembleSite({ built: readBuilt(application, builtIn), config, keys, defences });
  return readySite(files, await signSite(publisher, application, files), connectOf(config));
}

/** @param clientId by which the identity provider knows the application */
export function configOf(
  application: Application,
  endpoints: SignInEndpoints,
  priceKeysRoot: string,
  clientId: string = application,
): SiteConfig {
  const { issuer, authorizationEndpoint, tokenEndpoint, endSessionEndpoint, passkeysPage } = endpoints;
  const addresses = { issuer, authorizationEndpoint, tokenEndpoint, endSessionEndpoint, passkeysPage };
  return { application, clientId, ...addresses, priceKeysRoot };
}
