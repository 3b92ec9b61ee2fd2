import { SET_ASIDE, WORKED_QUEUES } from '../owned-queues.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { AlarmSpec, MetricSpec } from './alarm-spec.ts';

/** Seconds that a message may wait: longer than any retry takes, shorter than anybody misses it. Readings and handshakes sooner. */
const PATIENCE: Readonly<Record<string, number>> = { telemetry: 900, handshake: 900 };
const PATIENCE_OF_OTHERS = 3_600;

/** Depth and age of every queue. @source X.1332 8.1 (nothing is lost unnoticed) */
export function queueAlarms(stage: Stage): readonly AlarmSpec[] {
  const metric = (queue: string, name: string): MetricSpec => ({
    namespace: 'AWS/SQS',
    name,
    dimensions: { QueueName: physicalName(stage, queue) },
    statistic: 'Maximum',
  });
  const missing: AlarmSpec = {
    kind: 'readings-missing',
    metric: { ...metric('telemetry', 'NumberOfMessagesSent'), statistic: 'Sum' },
    below: 1,
    minutes: 60,
    silenceIsBad: true,
    says: 'Not one batch of readings has come for an hour.',
  };
  const deadLetters = [...WORKED_QUEUES.map(({ deadLetter }) => deadLetter), ...SET_ASIDE];
  return [
    // A stage for trials has no meters most of the time.
    ...(stage.name === 'prod' ? [missing] : []),
    ...deadLetters.map(
      (queue): AlarmSpec => ({
        kind: 'dead-letters',
        of: queue,
        metric: metric(queue, 'ApproximateNumberOfMessagesVisible'),
        atLeast: 1,
        minutes: 5,
        says: `Something that could not be processed lies in ${queue}.`,
      }),
    ),
    ...WORKED_QUEUES.map(
      ({ name }): AlarmSpec => ({
        kind: 'queue-age',
        of: name,
        metric: metric(name, 'ApproximateAgeOfOldestMessage'),
        atLeast: PATIENCE[name] ?? PATIENCE_OF_OTHERS,
        minutes: 5,
        periods: 2,
        says: `A message of ${name} has waited for longer than ${(PATIENCE[name] ?? PATIENCE_OF_OTHERS) / 60} minutes.`,
      }),
    ),
  ];
}
