import type { QueueSpec } from '../../../topology/queues.ts';

/** Queues the contract needs. */
export const CONTRACT_QUEUES: readonly QueueSpec[] = [
  { name: 'work', deadLetter: 'work-dlq', maxReceiveCount: 2, visibilitySeconds: 60, batchSize: 10, concurrency: 1, retentionDays: 4 },
  { name: 'play', deadLetter: 'play-dlq', maxReceiveCount: 3, visibilitySeconds: 60, batchSize: 10, concurrency: 1, retentionDays: 4 },
];
