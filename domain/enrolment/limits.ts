const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Times and counts of the key ladder, milliseconds. @source X.1332 10.1 (keys generated, agreed, stored, refreshed) */
export const LADDER = {
  /** A HELLO may be this far ahead of the highest epoch proposed: unanswered HELLOs burn numbers too. */
  helloAhead: 16,
  /** An active epoch is overdue one day after the weekly rotation. */
  overdueAfter: 8 * DAY,
  /** Nothing opens 14 days after activation: 10 days of sealing, 3 of spool, 1 to spare. */
  deadAfter: 14 * DAY,
  /** Destruction starts this much earlier: duties run hourly, and a worker keeps an opened key for up to an hour. */
  destroyAhead: 2 * HOUR,
  /** A renewed certificate may not have arrived yet: the one before still speaks for the meter. */
  previousCertificate: 90 * DAY,
} as const;

/** How much a stream records of what others send. */
export const RECORDING = {
  /** Refused HELLOs without an answer that are recorded singly, per meter and UTC day; what is beyond is only counted. */
  refusalsPerDay: 8,
  /** EPOCH-IS or key manifest: one answer in this time, which is recorded, while a day has few of them. */
  answerEvery: 10 * MINUTE,
  /** So many answers of a UTC day, then one an hour. */
  answersAtOnce: 6,
  answerEveryThen: HOUR,
  /** Counter reuses recorded per epoch, tamper reports remembered per meter. */
  incidents: 16,
} as const;

export const RELAY_LIMITS = {
  /** Batches whose redelivery is recognised. */
  batchWindow: 256,
  /** Raw refused frames kept per relay and hour. */
  rawsPerHour: 100,
  /** Handshakes recorded singly per relay and UTC day; beyond them, one summary in `summaryEvery`. */
  handshakesPerDay: 256,
  summaryEvery: HOUR,
  /** SHA-256 values per junk event. */
  hashes: 64,
  /** One RelayThrottled in this time. */
  throttledEvery: MINUTE,
  /** So many RelayThrottled within an hour make a quarantine. */
  throttledToQuarantine: 5,
  /** After an assignment ended, what the relay had spooled still counts. */
  assignmentGrace: 72 * HOUR,
} as const;

export const MILLISECONDS = { minute: MINUTE, hour: HOUR, day: DAY } as const;
