import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Counts of a function, by name. They carry no subject and no device: only how often something happened. */
export interface Counters {
  add(name: string, value?: number): void;
  /** Totals since the last `publish`. */
  totals(): ReadonlyMap<string, number>;
  publish(): void;
}

/** In Lambda the totals leave as one embedded-metric line per invocation; elsewhere whoever made the counters reads them. */
export function makeCounters(service: string): Counters {
  const totals = new Map<string, number>();
  const metrics =
    process.env['AWS_LAMBDA_FUNCTION_NAME'] === undefined ? undefined : new Metrics({ namespace: 'joulekeep', serviceName: service });
  return {
    add: (name, value = 1) => void totals.set(name, (totals.get(name) ?? 0) + value),
    totals: () => new Map(totals),
    publish: () => {
      for (const [name, value] of totals) metrics?.addMetric(name, MetricUnit.Count, value);
      if (totals.size > 0) metrics?.publishStoredMetrics();
      totals.clear();
    },
  };
}
