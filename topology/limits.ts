/**
 * Limits of the device gateway as AWS IoT Core has them, so that the embedded broker refuses what the real one would.
 * Bytes, counts and milliseconds as the names say; fixed = no raise can be asked for.
 * @source AWS General Reference, AWS IoT Core endpoints and quotas
 */
export const IOT_LIMITS = {
  /** Fixed. Publishes of one connection and second, inbound. */
  publishesPerSecond: 100,
  /** Fixed. Bytes of one connection and second, beyond which processing is delayed. */
  bytesPerSecond: 512 * 1024,
  /** QoS 1 publishes of one connection that wait for their PUBACK. */
  inFlight: 100,
  /** Fixed. One publish, payload. */
  payloadBytes: 128 * 1024,
  /** Fixed. CONNECT of one client id. */
  connectsPerSecondPerClientId: 1,
  /** Adjustable. CONNECT of one account. */
  connectsPerSecondPerAccount: 500,
  /** Adjustable. Connections of one account. */
  connectionsPerAccount: 500_000,
  /** Fixed. */
  subscriptionsPerConnection: 50,
  subscriptionsPerRequest: 8,
  topicBytes: 256,
  /** Slashes of a topic; the `$aws/rules/<rule>` prefix is not counted. */
  topicSlashes: 7,
  thingNameBytes: 128,
  /** A persistent session outlives its connection by this much; adjustable. */
  sessionExpiryMs: 3_600_000,
  /** Characters of one policy document, white space not counted. */
  policyCharacters: 2_048,
} as const;

/** Our own limits, stricter than the service's. */
export const GATEWAY_LIMITS = {
  /** A whole MQTT packet, header and topic included. The connection ends when a longer one announces itself. */
  packetBytes: 128 * 1024,
  /** A CONNECT packet: client id and keep-alive need under 100 bytes; will, user name and password are refused. */
  connectBytes: 1_024,
  /** From TCP accept to CONNECT. */
  connectWithinMs: 10_000,
  /** Messages the broker keeps for one device that does not acknowledge them; later ones are dropped. */
  downlinkBacklog: 1_000,
  downlinkBacklogBytes: 8 * 1024 * 1024,
} as const;

/** What the embedded broker enforces on connections. `Infinity` switches a rate off, for benchmarks. */
export interface ConnectionLimits {
  readonly connectsPerSecondPerClientId: number;
  readonly connectsPerSecondPerAccount: number;
  readonly connectionsPerAccount: number;
  readonly subscriptionsPerConnection: number;
  readonly subscriptionsPerRequest: number;
  readonly publishesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly inFlight: number;
  readonly packetBytes: number;
  readonly connectBytes: number;
  readonly connectWithinMs: number;
}

const STANDARD: ConnectionLimits = {
  connectsPerSecondPerClientId: IOT_LIMITS.connectsPerSecondPerClientId,
  connectsPerSecondPerAccount: IOT_LIMITS.connectsPerSecondPerAccount,
  connectionsPerAccount: IOT_LIMITS.connectionsPerAccount,
  subscriptionsPerConnection: IOT_LIMITS.subscriptionsPerConnection,
  subscriptionsPerRequest: IOT_LIMITS.subscriptionsPerRequest,
  publishesPerSecond: IOT_LIMITS.publishesPerSecond,
  bytesPerSecond: IOT_LIMITS.bytesPerSecond,
  inFlight: IOT_LIMITS.inFlight,
  packetBytes: GATEWAY_LIMITS.packetBytes,
  connectBytes: GATEWAY_LIMITS.connectBytes,
  connectWithinMs: GATEWAY_LIMITS.connectWithinMs,
};
const NO_RATES = {
  publishesPerSecond: Number.POSITIVE_INFINITY,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  connectsPerSecondPerClientId: Number.POSITIVE_INFINITY,
  connectsPerSecondPerAccount: Number.POSITIVE_INFINITY,
} as const;

/** @param rateLimits off only under `--prove` @param changed what differs from the standard, for benchmarks */
export function connectionLimits(rateLimits: boolean, changed: Partial<ConnectionLimits> = {}): ConnectionLimits {
  return { ...STANDARD, ...changed, ...(rateLimits ? {} : NO_RATES) };
}

/** Limits of the HTTPS gateway. Milliseconds are real time: they protect the process. */
export const API_LIMITS = {
  /** A day has at most 300 slots; an edit of all of them with values stays far below. */
  bodyBytes: 64 * 1024,
  headerBytes: 8 * 1024,
  headers: 50,
  queryBytes: 2 * 1024,
  /** From the first byte of a request to the end of its headers, and to its end. */
  headersWithinMs: 5_000,
  requestWithinMs: 10_000,
  handshakeWithinMs: 10_000,
  idleMs: 5_000,
  connections: 256,
  /** So that one address alone can't take them all. */
  connectionsPerAddress: 64,
  requestsPerConnection: 1_000,
  /** API Gateway's own. */
  answerWithinMs: 29_000,
  /**
   * At the customers' door: requests that are worked on at a time, so that they share flushes of the disk, and each waits for few others. Of those that wait
   * the next is of who was served least lately.
   */
  atOnce: 4,
  /** Requests of one caller that wait there: as many as an address has connections. */
  waitingPerCaller: 64,
  /** After so long a request that waits for something itself makes room for the next. */
  turnMs: 1_000,
  /** Who asks too often there is told so after this long, and so asks no oftener. */
  refusalHeldMs: 500,
} as const;
