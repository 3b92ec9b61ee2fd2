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

/** @throws TypeError without network; Error where the site is incomplete */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch('/config.json', { cache: 'no-cache' });
  if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
  return (await answer.json()) as Config;
}
