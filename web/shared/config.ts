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

/** What the loader read out of the signed site before it let this application start. @throws Error where no loader ran */
export async function loadConfig(): Promise<Config> {
  const { joulekeepConfig } = globalThis as { joulekeepConfig?: Config };
  if (joulekeepConfig === undefined) throw new Error('no loader has verified the settings');
  return joulekeepConfig;
}
