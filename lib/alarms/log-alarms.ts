import { FUNCTIONS } from '../../topology/functions.ts';
import type { AlarmSpec } from './alarm-spec.ts';

/** A line in the logs of functions that is counted, by its code. */
export interface LogFilterSpec {
  /** Name of the metric. */
  readonly metric: string;
  /** Codes of log lines; a star stands for anything. */
  readonly codes: readonly string[];
  /** Functions whose logs are looked through. */
  readonly functions: readonly string[];
}

export const LOG_NAMESPACE = 'joulekeep/log';

const ALL = FUNCTIONS.map(({ name }) => name);

/** Security events and failures that no counter has. @source X.1332 10.1 */
export const LOG_FILTERS: readonly LogFilterSpec[] = [
  { metric: 'KmsThrottled', codes: ['ERR_KMS_THROTTLED'], functions: ALL },
  { metric: 'AccessDenied', codes: ['*_ACCESS_DENIED'], functions: ALL },
  {
    metric: 'RecordDamaged',
    codes: ['*_DAMAGED', 'ERR_ANCHOR_REFUSED', 'ERR_CHECKPOINT_LOST', 'ERR_LOG_REFUSED', 'ERR_KMS_INVALID_CIPHERTEXT'],
    functions: ALL,
  },
  { metric: 'ClosingFailed', codes: ['CLOSING_FAILED'], functions: ['close-day'] },
  { metric: 'KeysDeleted', codes: ['KEYS_ENDING', 'KEYS_DELETED'], functions: ['key-duties'] },
  { metric: 'ManifestUnsigned', codes: ['MANIFEST_UNSIGNED'], functions: ['key-duties'] },
  { metric: 'KeyWithdrawn', codes: ['KEY_WITHDRAWN'], functions: ['key-duties'] },
  { metric: 'ApplicationEnds', codes: ['APPLICATION_ENDS'], functions: ['key-duties'] },
];

const metric = (name: string) => ({ namespace: LOG_NAMESPACE, name, dimensions: {}, statistic: 'Sum' }) as const;

export const LOG_ALARMS: readonly AlarmSpec[] = [
  {
    kind: 'kms-throttles',
    metric: metric('KmsThrottled'),
    atLeast: 1,
    minutes: 5,
    periods: 2,
    says: 'The key service refuses calls because too many come.',
  },
  {
    kind: 'access-denied',
    metric: metric('AccessDenied'),
    atLeast: 1,
    minutes: 5,
    says: 'A function asked for something that it may not have.',
  },
  { kind: 'record-damaged', metric: metric('RecordDamaged'), atLeast: 1, minutes: 5, says: 'Something stored is not what was recorded.' },
  { kind: 'closing-failed', metric: metric('ClosingFailed'), atLeast: 1, minutes: 60, says: 'The days of a segment could not be closed.' },
  {
    kind: 'keys-deleted',
    metric: metric('KeysDeleted'),
    atLeast: 1,
    minutes: 60,
    says: 'Keys that are still needed are scheduled for deletion, or gone.',
  },
  {
    kind: 'manifest-unsigned',
    metric: metric('ManifestUnsigned'),
    atLeast: 1,
    minutes: 60,
    periods: 24,
    says: 'A key manifest has waited for a day to be signed by the offline root.',
  },
  {
    kind: 'signing-key-stolen',
    metric: metric('KeyWithdrawn'),
    atLeast: 1,
    minutes: 60,
    says: 'A signing key was withdrawn within the last day: whoever pinned it has to be told.',
  },
  {
    kind: 'application-ends',
    metric: metric('ApplicationEnds'),
    atLeast: 1,
    minutes: 60,
    periods: 2,
    says: 'The manifest of an application in browsers ends in less than ten days, or has ended.',
  },
];
