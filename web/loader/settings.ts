import type { LoaderSettings } from '../../protocol/application/start.ts';

export interface SiteLoaderSettings extends LoaderSettings {
  /** What the service worker sends with every file it kept: headers that lay in a cache would be nobody's word. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Assembly writes what is pinned in here, base64 over JSON, before it hashes the file. */
export const SETTINGS = JSON.parse(atob('%LOADER_SETTINGS%')) as SiteLoaderSettings;
