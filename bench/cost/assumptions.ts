/** What no counter says. Whoever knows better changes a number here, and finds it on the page. */
export const ASSUMED = {
  /** Meters of one concentrator, frames of one batch. */
  metersPerConcentrator: 500,
  /** A month of AWS, hours over days. */
  daysPerMonth: 730 / 24,
  daysPerYear: 365,
  /** Processor and waiting of one batch of 500 frames: 5 ms to open, decide and seal, the rest for an object, an item and three look-ups. */
  ingestSeconds: 0.08,
  ingestMemoryMb: 1_769,
  /** One HELLO: signature check, registry, one key call, the key row and the commit one after the other. */
  handshakeSeconds: 0.06,
  handshakeMemoryMb: 1_769,
  /** Counters and one line of log of an invocation, bytes. */
  logBytesPerInvocation: 1_500,
  /** Which functions begin a trace, as stages have it unless told otherwise: none of those that are priced here. */
  tracing: 'requests',
  /** With `everything`, Lambda traces the first call of a function in a second and this share of the others; it reads no sampling rule. */
  tracedShareOfOthers: 0.05,
  /** What follows one batch in the read models: a dozen round trips, half of them side by side. */
  projectSeconds: 0.1,
  projectMemoryMb: 1_769,
  /** Share of homes that look at the portal on a day, requests of the API a visit, and share that signs in at least once a month. */
  visitsPerDay: 0.05,
  requestsPerVisit: 15,
  signInsPerMonth: 0.25,
  /** Sign-ins a month of a home that signs in. Of each: beginning and end are a commit, a session is put and removed, a token and a proof are marked. */
  signInsOfOne: 4,
  signInReads: 8,
  signInWrites: 6,
  /** The first of a month makes a key of its own, each one opens it, and so does who looks. */
  signInKeyCalls: 2,
  /** One request: a token, a mark of its session, a proof marked, and what it shows; 4 KB each. */
  requestSeconds: 0.1,
  requestMemoryMb: 1_769,
  requestReads: 8,
  requestWrites: 2,
  telemetryDays: 28,
  /** Versions of objects that were deleted stay as long as backups of tables. */
  keptDays: 35,
  /** A meter agrees on a new epoch this often. */
  epochDays: 7,
  /** Long polls of a queue that nobody writes to: five pollers, 20 seconds each. */
  pollsPerQueueMinute: 15,
  /** Calls of the key service of its own duties, each hour; a test holds them against a run. */
  keyDutyCalls: 140,
  /** Of the operations stack; a test holds them against its template. */
  alarms: 200,
  dashboards: 6,
  /** Metrics of log filters and counters of the functions. */
  metrics: 140,
  /** In the plain design: one function call of a reading. */
  plainSeconds: 0.1,
  plainMemoryMb: 512,
  plainItemBytes: 400,
} as const;
