import * as z from 'zod';
import { Cursor, DayName, Instant, LocalDate, MeterId } from './common.ts';

const Share = z.int().min(0).max(10_000);

/**
 * What a refusal may be a sign of. `identity`: somebody who is not who they should be; `time`: readings of another time than now;
 * `fault`: ours; `handshake` and `flood`: junk in place of handshakes, and messages beyond what a concentrator may send.
 */
const SecurityKind = z.enum(['crypto', 'replay', 'identity', 'malformed', 'rate', 'time', 'fault', 'handshake', 'flood']);
export type SecurityKind = z.infer<typeof SecurityKind>;

/** How the service stands, at a glance. */
export const Overview = z.object({
  asOf: Instant,
  zone: z.string(),
  /** Of the last 48 hours, oldest first. */
  delivery: z.array(z.object({ hour: Instant, expected: z.int(), received: z.int() })),
  /** Of the newest local day that is closed; null = none yet. Shares in basis points. */
  validation: z
    .object({ day: LocalDate, days: z.int(), passed: Share, estimated: Share, edited: Share, missing: Share, held: z.int() })
    .nullable(),
  /** `dueAt`: when the first of their days becomes final as it is. */
  exceptions: z.object({ open: z.int(), oldest: Instant.nullable(), dueAt: Instant.nullable() }),
  /** Queues, with what failed too often. */
  deadLetters: z.array(z.object({ queue: z.string(), waiting: z.int(), failed: z.int() })),
  feeds: z.array(z.object({ feed: z.string(), sequence: z.int(), newest: Instant.nullable(), behind: z.int() })),
  /** Devices that are cut off. */
  quarantined: z.int(),
  certificates: z.object({ expiring: z.int(), expired: z.int(), withinDays: z.int() }),
  /** Refusals of the last 24 hours of what devices sent, by kind, most first. Doors and sign-ins count theirs in the log. */
  security: z.array(z.object({ kind: SecurityKind, count: z.int() })),
});
export type Overview = z.infer<typeof Overview>;

export const IngestQuery = z.strictObject({ cursor: Cursor.optional() });
export type IngestQuery = z.infer<typeof IngestQuery>;
/** What came through each concentrator, and why not: at most 100 concentrators, in the order of their ids; a cursor where more are left. */
export const IngestView = z.object({
  asOf: Instant,
  zone: z.string(),
  concentrators: z.array(
    z.object({
      dcId: z.string(),
      meters: z.int(),
      lastSeen: Instant.nullable(),
      certificateUntil: Instant.nullable(),
      /** Last 28 local days, oldest first; frames. */
      days: z.array(z.object({ day: LocalDate, accepted: z.int(), duplicate: z.int(), quarantined: z.int(), refused: z.int() })),
      /** Of those days: what was wrong, by layer. */
      failures: z.object({ transport: z.int(), crypto: z.int(), schema: z.int(), vee: z.int() }),
    }),
  ),
  cursor: z.string().optional(),
});
export type IngestView = z.infer<typeof IngestView>;

/** Id of a usage point, or of an account. */
export const MeterQuery = z.strictObject({ of: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'the id of a usage point or an account') });
export type MeterQuery = z.infer<typeof MeterQuery>;

/** Meters by where they hang, those that hang there now first; `until` of those that were taken down. */
export const FoundMeters = z.object({
  meters: z.array(z.object({ meterId: z.string(), usagePoint: z.string(), from: Instant, until: Instant.optional() })),
});
export type FoundMeters = z.infer<typeof FoundMeters>;

export const MeterPath = z.strictObject({ meterId: MeterId });
/** Where a meter is and how it stands. No customer's name is here. */
export const MeterView = z.object({
  meterId: z.string(),
  status: z.string(),
  usagePoint: z.string().nullable(),
  zone: z.string().nullable(),
  area: z.string().nullable(),
  meterClass: z.string().nullable(),
  intervalMinutes: z.int().nullable(),
  segment: z.string().nullable(),
  concentrators: z.array(z.string()),
  epoch: z.object({ epoch: z.int(), since: Instant }).nullable(),
  /** While nothing of it is heard: why, and since when. */
  quarantine: z.object({ reason: z.string(), since: Instant }).nullable(),
  /** Days of the last 60 that are known, newest first. */
  days: z.array(
    z.object({
      day: DayName,
      state: z.enum(['open', 'provisional', 'final', 'restated']),
      held: z.boolean(),
      /** An edit waits for a second person. */
      waits: z.boolean(),
      importWh: z.number().nullable(),
      estimated: z.int(),
      edited: z.int(),
      missing: z.int(),
    }),
  ),
});
export type MeterView = z.infer<typeof MeterView>;

/** Feeds of every audience, and the deliveries that push them: a row for each. A feed goes by its name with dots for slashes, e.g. `billing.bills`. */
export const FeedsView = z.object({
  asOf: Instant,
  feeds: z.array(
    z.object({
      feed: z.string(),
      audience: z.enum(['operator', 'billing', 'third-party', 'customer']),
      sequence: z.int(),
      newest: Instant.nullable(),
      /** Of the operator's areas: the newest interval told, its completeness band (null where it was withheld) and revision; null elsewhere. */
      completeness: z.string().nullable(),
      revision: z.int().nullable(),
      delivery: z
        .object({
          recipient: z.string(),
          status: z.enum(['idle', 'delivering', 'failing', 'set-aside', 'unset']),
          sent: z.int(),
          behind: z.int(),
          failures: z.int(),
          nextAttempt: Instant.nullable(),
        })
        .nullable(),
    }),
  ),
});
export type FeedsView = z.infer<typeof FeedsView>;
export const FeedPath = z.strictObject({ feed: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/) });
/** Sends everything behind `from` again. */
export const FeedReplay = z.strictObject({ from: z.int().min(0) });
export type FeedReplay = z.infer<typeof FeedReplay>;
export const FeedReplayed = z.object({ feed: z.string(), from: z.int() });
export type FeedReplayed = z.infer<typeof FeedReplayed>;

/** Keys of the key service and certificates, by when they end. */
export const KeysView = z.object({
  asOf: Instant,
  zone: z.string(),
  manifest: z.object({ version: z.int(), issuedAt: Instant.nullable() }).nullable(),
  keys: z.array(
    z.object({
      key: z.string(),
      usage: z.string(),
      generations: z.array(z.object({ generation: z.int(), since: Instant, until: Instant.nullable(), current: z.boolean() })),
      /** When it has to be changed. */
      dueAt: Instant.nullable(),
    }),
  ),
  /** Of people and systems, and of devices from the month before on, at most 200 each; null = whoever entered it has not said when it ends. */
  certificates: z.array(
    z.object({ subject: z.string(), role: z.string(), notAfter: Instant.nullable(), status: z.enum(['active', 'revoked', 'expired']) }),
  ),
});
export type KeysView = z.infer<typeof KeysView>;

/** Local date in UTC; default today. */
export const AuditQuery = z.strictObject({
  day: LocalDate.optional(),
  /** Says of each stream of the day how far it was told. */
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,4000}\.[A-Za-z0-9_-]{22}$/)
    .optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;
/** Accesses to subject data of one day, oldest first. Subjects are account ids. */
export const AuditPage = z.object({
  day: LocalDate,
  /** On the first page: the day held against the key service's own record; null until the night behind it. */
  reconciled: z
    .object({
      /** Calls of the key service; of these, such as opened a subject's key, such by the auditor, and such as were refused. */
      outcome: z.object({
        ...{ at: Instant, calls: z.int(), openings: z.int(), verified: z.int(), refused: z.int() },
        /** Of those by the auditor, such as nobody had asked for; null where that was not looked at yet. */
        unasked: z.int().nullable(),
      }),
      /** Keys that were opened without an access on record that covers it. `data`: month of the key, `billing` or `unknown`. */
      unexplained: z.array(
        z.object({ principal: z.string(), operation: z.string(), data: z.string(), times: z.int(), first: Instant, last: Instant }),
      ),
      /** Where the record is not whole. */
      doubts: z.array(z.object({ fault: z.enum(['missing', 'altered', 'broken-off']), from: Instant, until: Instant })),
    })
    .nullable()
    .optional(),
  entries: z.array(
    z.object({
      at: Instant,
      stream: z.string(),
      version: z.int(),
      principal: z.string(),
      person: z.string().nullable(),
      purpose: z.string(),
      subjects: z.int(),
      from: Instant,
      until: Instant,
      hash: z.string(),
    }),
  ),
  /**
   * The log over all commits: how many it has, as of when, and how long ago that was. Null when its newest checkpoint is not signed by its
   * key; absent before the first.
   */
  log: z.object({ size: z.int(), at: Instant, ageSeconds: z.int() }).nullable().optional(),
  cursor: z.string().optional(),
});
export type AuditPage = z.infer<typeof AuditPage>;

/** Up to when somebody may verify who has said so, at the console or at a terminal. */
export const VerificationAsked = z.object({ until: Instant });
export type VerificationAsked = z.infer<typeof VerificationAsked>;

/** A family of streams, or some of one, by how their names begin. */
export const VerifyRequest = z.strictObject({
  prefix: z.string().regex(/^[a-z-]+\/[A-Za-z0-9./_-]{0,128}$/),
  cursor: Cursor.optional(),
});
export type VerifyRequest = z.infer<typeof VerifyRequest>;
/**
 * Of one piece of work: at most 200 streams; a cursor where more are left. `sealed`: commits that were checked by the chain alone, for
 * their keys are destroyed.
 */
export const Verified = z.object({
  streams: z.int(),
  commits: z.int(),
  sealed: z.int(),
  /** The first commit of each stream that is not what was recorded. */
  faults: z.array(z.object({ stream: z.string(), version: z.int(), fault: z.string() })),
  cursor: z.string().optional(),
});
export type Verified = z.infer<typeof Verified>;
