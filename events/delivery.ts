/**
 * Facts of stream `delivery/<recipient>/<audience>/<name>`: how far a recipient has been brought a feed, and what kept it. The feed
 * holds what there is to bring.
 * @source X.1332 9.2 to 9.4
 */
export type DeliveryEvent =
  | { readonly type: 'EndpointSet'; readonly data: EndpointSet }
  | { readonly type: 'EndpointEnded'; readonly data: EndpointEnded }
  | { readonly type: 'ItemsDelivered'; readonly data: ItemsDelivered }
  | { readonly type: 'ItemDropped'; readonly data: ItemDropped }
  | { readonly type: 'DeliveryFailed'; readonly data: DeliveryFailed }
  | { readonly type: 'ItemsSetAside'; readonly data: ItemsSetAside }
  | { readonly type: 'ReplayAsked'; readonly data: ReplayAsked };

export interface EndpointSet {
  readonly recipient: string;
  readonly feed: string;
  /** `https:` and nothing else. */
  readonly url: string;
  /** PEM of the one authority its certificate has to come from; absent = those that everybody trusts. */
  readonly ca?: string;
  /** Who set it. */
  readonly by: string;
  readonly at: number;
}

/** Nothing is brought there any more. */
export interface EndpointEnded {
  readonly reason: string;
  readonly by: string;
  readonly at: number;
}

/** Every item up to this one was taken, or is in another fact. */
export interface ItemsDelivered {
  readonly through: number;
  readonly at: number;
}

/** Not brought, because it may not be any more; done with. */
export interface ItemDropped {
  readonly seq: number;
  /** Code, e.g. `consent-revoked`. */
  readonly reason: string;
  readonly at: number;
}

/** How an attempt ended: the answer's status, or what came instead of an answer. */
export type DeliveryFailure = `status-${number}` | 'timeout' | 'redirect' | 'too-large' | 'refused-address' | 'unreachable';

export interface DeliveryFailed {
  readonly seq: number;
  /** Attempts in a row that failed, this one included. */
  readonly attempt: number;
  readonly failure: DeliveryFailure;
  readonly at: number;
  /** UTC ms of the next attempt. */
  readonly nextAt: number;
}

/** Not brought within its time; a replay brings it. */
export interface ItemsSetAside {
  readonly from: number;
  readonly through: number;
  readonly failure: DeliveryFailure;
  readonly at: number;
}

export interface ReplayAsked {
  /** Everything behind this sequence is brought again. */
  readonly after: number;
  readonly by: string;
  readonly at: number;
}
