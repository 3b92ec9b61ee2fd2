/** What the service's process is asked, one thing at a time. */
export type PortalRequest =
  /** Makes homes with thirteen months of closed days, and a town whose frames are taken in. */
  | { readonly type: 'boot'; readonly stateDir: string; readonly homes: number; readonly meters: number; readonly isShown: boolean }
  /** A session each for these keys, one home after the other. */
  | { readonly type: 'sign-in'; readonly thumbprints: readonly string[] }
  /** Seals the next frames. */
  | { readonly type: 'seal'; readonly seconds: number; readonly framesPerSecond: number }
  /** Sends what was sealed, evenly, and waits until all of it is recorded. */
  | { readonly type: 'ingest' }
  | { readonly type: 'bare'; readonly bytes: number }
  | { readonly type: 'weigh' };

export interface SignedIn {
  readonly token: string;
  readonly usagePoint: string;
}

export type PortalAnswer =
  | {
      readonly type: 'booted';
      /** Of the customer door and of the bare server. */
      readonly door: string;
      readonly ca: string;
      readonly known: { readonly name: string; readonly passphrase: string };
      readonly closed: { readonly from: string; readonly until: string; readonly days: number };
    }
  | { readonly type: 'signed-in'; readonly sessions: readonly SignedIn[] }
  | { readonly type: 'sealed' }
  /** Frames recorded, and seconds from the first message to the last record. */
  | { readonly type: 'ingested'; readonly frames: number; readonly seconds: number }
  | { readonly type: 'bare'; readonly door: string }
  | { readonly type: 'weighed'; readonly cpuSeconds: number };

/** What the process of customers is asked. */
export type CallersRequest =
  | { readonly type: 'keys'; readonly browsers: number }
  | {
      readonly type: 'call';
      readonly door: string;
      readonly ca: string;
      readonly sessions: readonly SignedIn[];
      /** By route: path with `{point}`, and how often in a round. */
      readonly mix: readonly Asked[];
      readonly perSecond: number;
      readonly seconds: number;
    };

export interface Asked {
  readonly name: string;
  readonly path: string;
  readonly often: number;
  /** Asked without a session. */
  readonly isPublic?: boolean;
}

export type CallersAnswer =
  | { readonly type: 'keys'; readonly thumbprints: readonly string[] }
  | { readonly type: 'called'; readonly calls: readonly Called[] };

/** One request and its answer. */
export interface Called {
  readonly name: string;
  readonly status: number;
  /** From the moment it was due to the last byte of the answer, ms. */
  readonly elapsed: number;
  readonly bytes: number;
}
