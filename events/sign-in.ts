/**
 * Facts of streams `sign-in/<yyyy-mm>/customer.<account>` and `sign-in/<yyyy-mm>/person.<name>` (UTC month): who began a session and how it
 * ended; and, of those too, who was refused. Tries under names that are nobody's are in `sign-in/<yyyy-mm>/unknown` together, whatever the
 * names were. Instants are UTC ms by the platform's clock. @source X.1332 8.3, 9.2, 10.2
 */
export type SignInEvent =
  | { readonly type: 'SessionStarted'; readonly data: SessionStarted }
  | { readonly type: 'SessionEnded'; readonly data: SessionEnded }
  | { readonly type: 'SignInsRefused'; readonly data: SignInsRefused };

export interface SessionStarted {
  /** No secret. */
  readonly session: string;
  /** `customer`, or the role of a person of the utility. */
  readonly role: string;
  /** How they proved who they are, e.g. `passkey`. */
  readonly method: string;
  /** What the browser calls itself, in a few words. */
  readonly device: string;
  readonly at: number;
  /** No renewal goes beyond: a session that nobody ends is over then, without an event. */
  readonly endsAt: number;
}

/** Why a session ended before its time: in its own browser, from another one, by a security officer, or as the identity provider lets the person in no more. */
export type SessionEndReason = 'signed-out' | 'ended-by-person' | 'withdrawn' | 'person-removed';

export interface SessionEnded {
  readonly session: string;
  readonly why: SessionEndReason;
  /** The security officer, where it was one. */
  readonly by?: string;
  readonly at: number;
}

/** Why nobody was let in. Never leaves the service: outward every refusal looks alike. */
export type SignInRefusal =
  | 'passphrase'
  | 'passkey'
  | 'too-often'
  | 'id-token'
  | 'id-token-used'
  | 'proof-missing'
  | 'proof-other-key'
  | 'person-ended'
  | 'person-barred';

/** Refusals of one person, packed: the first of a window is recorded at once, whatever follows in it together. */
export interface SignInsRefused {
  readonly count: number;
  readonly reasons: Readonly<Partial<Record<SignInRefusal, number>>>;
  /** Of the first and the last of them. */
  readonly first: number;
  readonly last: number;
}
