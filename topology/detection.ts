/** What the gateway's own watch looks for in a device's traffic: limits that no healthy device comes near. `lib/` makes security profiles of it. */
export interface WatchedBehaviour {
  /** Unique; letters, digits, dashes. */
  readonly name: string;
  /** Metric of AWS IoT Device Defender, seen from the cloud. */
  readonly metric: string;
  /** Healthy up to here: bytes of one message, or events within `seconds`. */
  readonly atMost: number;
  /** Absent where every single message is looked at. */
  readonly seconds?: 300 | 600 | 900 | 1800 | 3600;
}

export interface WatchProfile {
  readonly name: string;
  readonly description: string;
  readonly behaviours: readonly WatchedBehaviour[];
}

/** Concentrators are the only devices that a policy lets publish: 100 KB and 20 messages a second are twice what the busiest one sends. */
const TRAFFIC: WatchProfile = {
  name: 'traffic',
  description: 'Size and number of messages of a concentrator',
  behaviours: [
    { name: 'message-bytes', metric: 'aws:message-byte-size', atMost: 102_400 },
    { name: 'messages-sent', metric: 'aws:num-messages-sent', atMost: 20 * 300, seconds: 300 },
  ],
};

/** A meter has no policy at all, so that one that tries to speak by itself is seen here. */
const CONDUCT: WatchProfile = {
  name: 'conduct',
  description: 'What is refused, and how often a device comes and goes',
  behaviours: [
    { name: 'authorization-failures', metric: 'aws:num-authorization-failures', atMost: 3, seconds: 300 },
    { name: 'connection-attempts', metric: 'aws:num-connection-attempts', atMost: 60, seconds: 300 },
    { name: 'disconnects', metric: 'aws:num-disconnects', atMost: 60, seconds: 300 },
  ],
};

export const WATCH_PROFILES: readonly WatchProfile[] = [TRAFFIC, CONDUCT];
