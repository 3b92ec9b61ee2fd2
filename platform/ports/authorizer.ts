import type { CallerRole, Route } from '../../topology/route.ts';

/** Who calls, as the gateway has it from the TLS handshake and the head of the request. */
export interface Identity {
  /** DER of the client certificate whose key the handshake proved. */
  readonly certificate: Buffer | undefined;
  /** Of somebody who signed in: the header with the token, and the proof of the key it is bound to. @source RFC 9449 */
  readonly authorization?: string;
  readonly proof?: string;
  /** What the proof has to be for: method, and the address without its query. */
  readonly method?: string;
  readonly url?: string;
}

/** When and how somebody proved who they are, where that was by signing in. */
export interface SignIn {
  /** No secret. */
  readonly session: string;
  /** UTC ms. */
  readonly at: number;
  /** E.g. `passkey`. */
  readonly method: string;
}

/**
 * Who may call a route: a person or a system by the name in its certificate, a customer by the account, or `public` where nobody has to
 * say who they are.
 */
export interface Principal {
  readonly person: string;
  readonly role: CallerRole;
  readonly signIn?: SignIn;
  /** Where nobody has to say who they are: the key whose proof came with the request, as its thumbprint. @source RFC 7638 */
  readonly proofKey?: string;
}

/** `reason` is for the record and never for the caller. */
export type Authorization =
  | ({ readonly allowed: true } & Principal)
  | { readonly allowed: false; readonly because: 'unauthenticated' | 'forbidden' | 'sign-in-too-old'; readonly reason: string };

/** What of a route says who may have it. */
export type JudgedRoute = Pick<Route, 'roles' | 'recentSignInMinutes'>;

/**
 * Decides who may call a route, from identity and route alone. What nothing allows is denied.
 * @source X.1332 10.2 (access control)
 */
export interface Authorizer {
  authorize(identity: Identity, route: JudgedRoute): Promise<Authorization>;
}
