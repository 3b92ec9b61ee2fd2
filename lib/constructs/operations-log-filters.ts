import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { LOG_FILTERS, LOG_NAMESPACE } from '../alarms/log-alarms.ts';
import { logGroupName } from '../grants/runtime.ts';
import { physicalName, type Stage } from '../stage.ts';

/** Lines of the functions' logs that are counted. */
export class OperationsLogFilters extends Construct {
  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);
    for (const { metric, codes, functions } of LOG_FILTERS) {
      const pattern = FilterPattern.any(...codes.map((code) => FilterPattern.stringValue('$.code', '=', code)));
      for (const name of functions) {
        new MetricFilter(this, `${metric}-${name}`, {
          logGroup: LogGroup.fromLogGroupName(this, `${metric}-${name}-log`, logGroupName(physicalName(stage, name))),
          filterPattern: pattern,
          metricNamespace: LOG_NAMESPACE,
          metricName: metric,
          metricValue: '1',
        });
      }
    }
  }
}
