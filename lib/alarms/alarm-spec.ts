/** One number that CloudWatch keeps. */
export interface MetricSpec {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'Maximum' | 'Minimum';
}

/** When somebody is told. */
export interface AlarmSpec {
  /** Name of its runbook in docs/runbooks/; alarms of a kind share one. */
  readonly kind: string;
  /** What of the kind it is about; absent where there is only one. */
  readonly of?: string;
  readonly metric: MetricSpec;
  readonly atLeast?: number;
  readonly below?: number;
  /** Period of the metric. */
  readonly minutes: number;
  /** Periods in a row; one unless told otherwise. */
  readonly periods?: number;
  /** Whether no data at all is as bad as bad data. */
  readonly silenceIsBad?: boolean;
  /** What has happened, in one sentence. */
  readonly says: string;
}

/** Name without the stage. */
export function alarmName({ kind, of }: Pick<AlarmSpec, 'kind' | 'of'>): string {
  return of === undefined ? kind : `${kind}-${of}`;
}

/** What a function counts, as lambdas/middleware/counters.ts publishes it. */
export function counted(service: string, name: string): MetricSpec {
  return { namespace: 'joulekeep', name, dimensions: { service }, statistic: 'Sum' };
}
