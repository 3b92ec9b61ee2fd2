import type { CallerRole, Route } from '../../topology/route.ts';

/** Who calls, as the gateway has it from the TLS handshake. */
export interface Identity {
  /** DER of the client certificate whose key the handshake proved. */
  readonly certificate: Buffer | undefined;
}

/** Who may call a route: a person or a system by the name in its certificate, or `public` where nobody has to say who they are. */
export interface Principal {
  readonly person: string;
  readonly role: CallerRole;
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
  authorize(identity: Identity, route: Pick<Route, 'roles'>): Promise<Authorization>;
}
