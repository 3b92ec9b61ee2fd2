/** What no counter says. Whoever knows better changes a number here, and finds it on the page. */
export const ASSUMED = {
  /** Meters of one concentrator, frames of one batch. */
  metersPerConcentrator: 500,
  /** A month of AWS, hours over days. */
  daysPerMonth: 730 / 24,
  daysPerYear: 365,
  /** Processor and waiting of one batch of 500 frames: 3 ms to open and commit, the rest for three round trips. */
  ingestSeconds: 0.04,
  ingestMemoryMb: 1_769,
  /** One HELLO: signature check, registry, one key call, the key row and the commit one after the other. */
  handshakeSeconds: 0.06,
  handshakeMemoryMb: 1_769,
  /** Counters and one line of log of an invocation, bytes. */
  logBytesPerInvocation: 1_500,
  /** Name, stream, version and other attributes of a stored commit beside its body, bytes. */
  commitOverheadBytes: 320,
  telemetryDays: 28,
  /** A meter agrees on a new epoch this often. */
  epochDays: 7,
  /** Long polls of a queue that nobody writes to: five pollers, 20 seconds each. */
  pollsPerQueueMinute: 15,
  /** In the plain design: one function call of a reading. */
  plainSeconds: 0.1,
  plainMemoryMb: 512,
  plainItemBytes: 400,
} as const;
