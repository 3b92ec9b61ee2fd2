import * as z from 'zod';
import { Instant } from './common.ts';

/** What the identity provider said. Its nonce is the thumbprint of the key that signs the DPoP proof of the same request. */
export const SessionRequest = z.strictObject({ idToken: z.string().min(1).max(8_192) });
export type SessionRequest = z.infer<typeof SessionRequest>;

/** A token that works only with proofs by the key that began the session. */
export const SessionToken = z.object({
  token: z.string(),
  /** Of the session, for lists; no secret. */
  session: z.string(),
  /** Account of a customer, or name of a person. */
  person: z.string(),
  role: z.string(),
  /** When the person proved who they are, and how, e.g. `passkey`. */
  signedInAt: Instant,
  method: z.string(),
  expiresAt: Instant,
  /** No renewal goes beyond. */
  endsAt: Instant,
});
export type SessionToken = z.infer<typeof SessionToken>;

/** Somebody whose sessions end, all of them: a customer by the account, or a person of the utility by the name. */
export const SessionsOf = z.strictObject({ person: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/), customer: z.boolean() });
export type SessionsOf = z.infer<typeof SessionsOf>;

export const SessionPath = z.strictObject({ session: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/) });

export const SessionList = z.object({
  sessions: z.array(
    z.object({
      session: z.string(),
      /** The one that asks. */
      current: z.boolean(),
      signedInAt: Instant,
      lastUsedAt: Instant,
      endsAt: Instant,
      method: z.string(),
      /** What the browser calls itself, in a few words, e.g. `Firefox on Linux`. */
      device: z.string(),
    }),
  ),
});
export type SessionList = z.infer<typeof SessionList>;

export const SessionEnded = z.object({ ended: z.boolean() });
export type SessionEnded = z.infer<typeof SessionEnded>;
