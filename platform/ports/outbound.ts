/** What leaves the service for somebody else's address. Nothing comes back but whether it arrived. */
export interface Outbound {
  /**
   * One HTTPS request, no redirect followed, nothing read of the answer but its status. Never throws for what the other side does.
   * The address is looked at before anything is connected to it: private and local ones are refused, unless the platform was told of
   * them.
   */
  post(request: OutboundRequest): Promise<OutboundResult>;
}

export interface OutboundRequest {
  /** `https:`, without a user and a password in it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** PEM of the one authority that may have issued the certificate of the other side; absent = those that everybody trusts. */
  readonly ca?: string;
}

export type OutboundResult =
  | { readonly status: number }
  /** `refused-address`: not one to connect to; `too-large`: an answer that goes on and on. */
  | { readonly failure: 'timeout' | 'unreachable' | 'too-large' | 'refused-address' };
