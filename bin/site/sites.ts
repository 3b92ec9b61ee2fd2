import type { ShownSite, Site } from '../../platform/embedded/https/site.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Clock, Log, Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { APPLICATIONS, type Application, type SignInEndpoints, type SiteConfig } from '../../topology/site-config.ts';
import { assembleSite, connectOf } from './assemble.ts';
import { BUILT, isBuilt, readBuilt } from './built.ts';
import { readySite } from './ready.ts';
import { applicationKeys, signSite, spkiText } from './sign.ts';

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

/** How often it is asked whether it is time. Signing itself knows: half the life of the manifest. */
const RENEWAL_MS = 12 * 3_600_000;

type SiteSettings = SignInEndpoints & Applications;

/** Sites by the door that shows them. */
export type Sites = Readonly<Record<'customer' | 'console', ShownSite>>;

export interface SiteOwner extends Pick<Embedded, 'ca'> {
  readonly publisher: Pick<Platform, 'kms' | 'objects'>;
  readonly log: Log;
  /** That browsers go by. */
  readonly wall: Clock;
}

/** Assembles and signs both applications; each is signed anew while it is shown. @throws UsageError when they are not built */
export async function sitesOf(owner: SiteOwner, settings: SiteSettings, defences: Defences): Promise<Sites> {
  const shown = (application: Application) => RenewedSite.of(owner, () => siteOf(owner, application, settings, defences));
  return { customer: await shown('portal'), console: await shown('console') };
}

/** A site that is made again twice a day, which signs it anew when half the life of its manifest is over; whoever asks meanwhile gets the one before. */
export class RenewedSite implements ShownSite {
  readonly #owner: Pick<SiteOwner, 'log' | 'wall'>;
  readonly #make: () => Promise<Site>;
  #site: Site;
  #renewAt: number;
  #renewal: Promise<void> | undefined;

  private constructor(owner: Pick<SiteOwner, 'log' | 'wall'>, make: () => Promise<Site>, site: Site) {
    this.#owner = owner;
    this.#make = make;
    this.#site = site;
    this.#renewAt = this.#next();
  }

  static async of(owner: Pick<SiteOwner, 'log' | 'wall'>, make: () => Promise<Site>): Promise<RenewedSite> {
    return new RenewedSite(owner, make, await make());
  }

  get(path: string): ReturnType<Site['get']> {
    if (this.#owner.wall.now() >= this.#renewAt) this.#renewal ??= this.#renew();
    return this.#site.get(path);
  }

  /** Resolves when nobody is making it again. */
  async settled(): Promise<void> {
    await this.#renewal;
  }

  async #renew(): Promise<void> {
    try {
      this.#site = await this.#make();
      this.#owner.log.info('application signed anew', { code: 'APPLICATION_RENEWED' });
    } catch {
      this.#owner.log.error('application not signed anew', { code: 'APPLICATION_ENDS' });
    }
    this.#renewAt = this.#next();
    this.#renewal = undefined;
  }

  #next(): number {
    return this.#owner.wall.now() + RENEWAL_MS;
  }
}

async function siteOf(
  { publisher: { kms, objects }, ca, wall }: SiteOwner,
  application: Application,
  { builtIn = BUILT, ...endpoints }: SiteSettings,
  defences: Defences,
): Promise<Site> {
  const publisher = { kms, objects, wall };
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
