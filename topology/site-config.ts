/** Where people sign in, as the identity provider says in its own discovery document. URLs. */
export interface SignInEndpoints {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly endSessionEndpoint: string;
  /** Where customers see to their passkeys; null where there is no such page. */
  readonly passkeysPage: string | null;
}

export const APPLICATIONS = ['portal', 'console'] as const;
export type Application = (typeof APPLICATIONS)[number];

/**
 * `config.json` of a site: part of what is signed. The loader verifies it and hands it to the application as `globalThis.joulekeepConfig`, so
 * that nobody need ask for it again.
 */
export interface SiteConfig extends SignInEndpoints {
  readonly application: Application;
  /** By which the identity provider knows the application. */
  readonly clientId: string;
  /** SPKI DER of the root of signed prices, base64url. */
  readonly priceKeysRoot: string;
}
