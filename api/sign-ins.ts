import * as z from 'zod';
import { Instant } from './common.ts';

const Standing = {
  /** `ended`: before its time; `over`: by itself. */
  state: z.enum(['open', 'ended', 'over']),
  /** The latest it can have been, where it ended by itself. */
  endedAt: Instant.nullable(),
  /** `withdrawn`: by a security officer of the utility; `person-removed`: whoever it was may sign in no more. */
  why: z.enum(['signed-out', 'ended-by-person', 'withdrawn', 'person-removed']).nullable(),
};

/** The customer's own sign-ins of the last months, newest first, at most 20. */
export const SignInList = z.object({
  signIns: z.array(
    z.object({
      session: z.string(),
      /** The one that asks. */
      current: z.boolean(),
      at: Instant,
      /** What the browser calls itself, in a few words, e.g. `Firefox on Linux`. */
      device: z.string(),
      method: z.string(),
      /** Tries that were refused between the sign-in before and this one. */
      refusedBefore: z.number().int(),
      ...Standing,
    }),
  ),
  /** Tries that were refused since the newest of them. */
  refusedSince: z.number().int(),
});
export type SignInList = z.infer<typeof SignInList>;

/** A month of UTC; by default the current one. */
export const SignInQuery = z.strictObject({
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional(),
});

/** Sign-ins of people of the utility, newest first, and who was refused. */
export const PersonSignIns = z.object({
  month: z.string(),
  signIns: z.array(
    z.object({
      person: z.string(),
      role: z.string(),
      at: Instant,
      device: z.string(),
      method: z.string(),
      ...Standing,
      /** The security officer who ended it. */
      by: z.string().nullable(),
    }),
  ),
  refused: z.array(
    z.object({
      /** Null: names that are nobody's, and whoever came without one; those of customers' tries are among them. */
      person: z.string().nullable(),
      count: z.number().int(),
      first: Instant,
      last: Instant,
      reasons: z.record(z.string(), z.number().int()),
    }),
  ),
  /** There were more than are shown. */
  truncated: z.boolean(),
});
export type PersonSignIns = z.infer<typeof PersonSignIns>;
