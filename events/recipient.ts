/**
 * Facts of stream `recipient/<id>`: a third party that customers may allow to receive their data. No customer is named here.
 * Instants are UTC ms. @source X.1332 9.3 (third party)
 */
export type RecipientEvent =
  | { readonly type: 'RecipientRegistered'; readonly data: RecipientRegistered }
  | { readonly type: 'CertificateAdded'; readonly data: CertificateAdded }
  | { readonly type: 'CertificateWithdrawn'; readonly data: { readonly fingerprint: string; readonly at: number } }
  | { readonly type: 'WebhookSet'; readonly data: WebhookSet }
  | { readonly type: 'SealingKeySet'; readonly data: SealingKeySet }
  | { readonly type: 'RecipientSuspended'; readonly data: { readonly reason: string; readonly at: number } }
  | { readonly type: 'RecipientResumed'; readonly data: { readonly at: number } };

export interface RecipientRegistered {
  /** Also the client id at the authorization server and the common name of its certificates. */
  readonly recipientId: string;
  /** What customers read when they are asked. */
  readonly name: string;
  /** Exactly these, compared as text. */
  readonly redirectUris: readonly string[];
  readonly at: number;
}

export interface CertificateAdded {
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
  readonly at: number;
}

/** Where webhooks go; an empty list of types ends them. */
export interface WebhookSet {
  readonly url: string;
  readonly types: readonly string[];
  /** PEM of the one authority that its certificate comes from; absent = those that everybody trusts. */
  readonly ca?: string;
  readonly at: number;
}

/** What files for it are sealed to from now on. */
export interface SealingKeySet {
  /** Public key on P-256: SubjectPublicKeyInfo, DER in base64. */
  readonly spki: string;
  readonly at: number;
}
