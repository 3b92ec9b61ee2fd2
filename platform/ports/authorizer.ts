import type { ApiRole, ApiRoute } from '../../topology/routes.ts';

/** Who calls, as the gateway has it from the TLS handshake. */
export interface Identity {
  /** DER of the client certificate whose key the handshake proved. */
  readonly certificate: Buffer | undefined;
}

/** A person who may call a route. */
export interface Principal {
  readonly person: string;
  readonly role: ApiRole;
}

/** `reason` is for the record and never for the caller. */
export type Authorization =
  | ({ readonly allowed: true } & Principal)
  | { readonly allowed: false; readonly because: 'unauthenticated' | 'forbidden'; readonly reason: string };

/**
 * Decides who may call a route, from identity and route alone. What nothing allows is denied.
 * @source X.1332 10.2 (access control)
 */
export interface Authorizer {
  authorize(identity: Identity, route: ApiRoute): Promise<Authorization>;
}
