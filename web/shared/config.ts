/** Settings of an application, part of the signed site: `/config.json`. */
export interface Config {
  readonly application: 'portal' | 'console';
  readonly issuer: string;
  readonly clientId: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly endSessionEndpoint: string;
  /** Where people add and remove their passkeys; null = the provider has no such page. */
  readonly passkeysPage: string | null;
  /** SPKI DER, base64url, of the offline root of key lists. */
  readonly priceKeysRoot: string;
}

/**
 * The settings that the loader held against the signed manifest before it started the application; asked for again, they would be
 * whatever somebody sends then. @throws Error where no loader started the application
 */
export async function loadConfig(): Promise<Config> {
  const { joulekeepConfig } = globalThis as { readonly joulekeepConfig?: Config };
  if (joulekeepConfig === undefined) throw new Error('no verified settings');
  return joulekeepConfig;
}
