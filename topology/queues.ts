/** Queues between the gateway and the functions. lib/ makes SQS queues of them, platform/embedded/ a file. */
export interface QueueSpec {
  readonly name: string;
  /** Where a message goes that was received `maxReceiveCount` times and never deleted. */
  readonly deadLetter: string;
  readonly maxReceiveCount: number;
  /** A received message is hidden this long, seconds; at least six times the function's timeout. */
  readonly visibilitySeconds: number;
  /** Messages per invocation. */
  readonly batchSize: number;
  /** Invocations at a time. */
  readonly concurrency: number;
  /** A message is kept at most this long, days. */
  readonly retentionDays: number;
}

/** Largest message body, bytes. */
export const MESSAGE_LIMIT = 262_144;

/** Positions of commits that a function of topology/feeds.ts could not take, as JSON; nobody receives it, an alarm watches it. */
export const FAILED_POSITIONS = 'failed-positions';

/**
 * Of what devices send. A message that is received five times, three minutes apart, outlives ten minutes in which key service or store
 * answer nothing: docs/adr/0072.
 */
const FROM_DEVICES = { maxReceiveCount: 5, visibilitySeconds: 180, batchSize: 10 } as const;

/** Of integration events. A function that takes them may run for a minute, and what it can't take is kept for two weeks. */
const AUDIENCE = { maxReceiveCount: 5, visibilitySeconds: 360, batchSize: 10, concurrency: 1, retentionDays: 14 } as const;

export const QUEUES: readonly QueueSpec[] = [
  { name: 'telemetry', deadLetter: 'telemetry-dlq', ...FROM_DEVICES, concurrency: 2, retentionDays: 14 },
  // Its own queue and its own concurrency: handshakes spend the key service's budget.
  { name: 'handshake', deadLetter: 'handshake-dlq', ...FROM_DEVICES, concurrency: 1, retentionDays: 4 },
  { name: 'service', deadLetter: 'service-dlq', ...FROM_DEVICES, concurrency: 1, retentionDays: 4 },
  {
    // Integration events for billing: events/catalogue/.
    name: 'billing',
    deadLetter: 'billing-dlq',
    maxReceiveCount: 5,
    visibilitySeconds: 360,
    batchSize: 10,
    concurrency: 1,
    retentionDays: 14,
  },
  // One item after the other gets its place in the billing feed, so it has one worker.
  { name: 'billing-feed', deadLetter: 'billing-feed-dlq', ...AUDIENCE },
  // The same for the feeds of third parties.
  { name: 'third-party-feed', deadLetter: 'third-party-feed-dlq', ...AUDIENCE },
  // Each wakes the push to one audience; what is pushed is read from its feed, under the pusher's name.
  { name: 'billing-system', deadLetter: 'billing-system-dlq', ...AUDIENCE },
  { name: 'operator', deadLetter: 'operator-dlq', ...AUDIENCE },
  { name: 'third-party', deadLetter: 'third-party-dlq', ...AUDIENCE },
  { name: 'customer', deadLetter: 'customer-dlq', ...AUDIENCE },
  {
    name: FAILED_POSITIONS,
    deadLetter: 'failed-positions-dlq',
    maxReceiveCount: 3,
    visibilitySeconds: 180,
    batchSize: 10,
    concurrency: 1,
    retentionDays: 14,
  },
];

/** Notices that reached no queue of theirs; nobody receives it, an alarm watches it. */
export const UNDELIVERED_NOTICES = 'undelivered-notices';

const NOTICE = { maxReceiveCount: 3, visibilitySeconds: 180, batchSize: 10, concurrency: 2, retentionDays: 4 } as const;

/** What AWS IoT tells of devices; the embedded gateway tells it to nobody, for it knows each device it lets in. */
export const NOTICE_QUEUES: readonly QueueSpec[] = [
  // A certificate was shown for the first time and waits.
  { name: 'registrations', deadLetter: 'registrations-dlq', ...NOTICE },
  // A device left the limits of topology/detection.ts.
  { name: 'violations', deadLetter: 'violations-dlq', ...NOTICE },
];
