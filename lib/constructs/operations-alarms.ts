import { Duration } from 'aws-cdk-lib';
import { Alarm, AlarmRule, ComparisonOperator, CompositeAlarm, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmSpec, alarmName, type MetricSpec } from '../alarms/alarm-spec.ts';
import { physicalName, type Stage } from '../stage.ts';

/** Several alarms that together mean something that none of them does alone. */
export interface CompositeSpec {
  readonly kind: string;
  readonly says: string;
  /** Names of alarms: one of each group must be in alarm. */
  readonly all: readonly (readonly string[])[];
}

/** Where somebody who was woken finds what to do. */
export function runbookOf(kind: string): string {
  return `docs/runbooks/${kind}.md`;
}

export interface OperationsAlarmsProps {
  readonly stage: Stage;
  readonly topic: ITopic;
  readonly specs: readonly AlarmSpec[];
  readonly composites: readonly CompositeSpec[];
}

/** An alarm of each specification; each says what has happened and where its runbook is, and tells the topic. */
export class OperationsAlarms extends Construct {
  readonly byName: ReadonlyMap<string, Alarm>;

  constructor(scope: Construct, id: string, { stage, topic, specs, composites }: OperationsAlarmsProps) {
    super(scope, id);
    const tell = new SnsAction(topic);
    this.byName = new Map(specs.map((spec) => [alarmName(spec), this.#alarm(stage, spec)]));
    for (const alarm of this.byName.values()) alarm.addAlarmAction(tell);
    for (const { kind, says, all } of composites) {
      const groups = all.map((names) => AlarmRule.anyOf(...names.map((name) => this.byName.get(name)!)));
      new CompositeAlarm(this, kind, {
        compositeAlarmName: physicalName(stage, kind),
        alarmDescription: describedBy(kind, says),
        alarmRule: AlarmRule.allOf(...groups),
      }).addAlarmAction(tell);
    }
  }

  #alarm(stage: Stage, spec: AlarmSpec): Alarm {
    const { kind, minutes, periods = 1, atLeast, below, silenceIsBad = false, says } = spec;
    return new Alarm(this, alarmName(spec), {
      alarmName: physicalName(stage, alarmName(spec)),
      alarmDescription: describedBy(kind, says),
      metric: metricOf(spec.metric, minutes),
      threshold: atLeast ?? below ?? 1,
      comparisonOperator:
        below === undefined ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      treatMissingData: silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }
}

export function metricOf({ namespace, name, dimensions, statistic }: MetricSpec, minutes: number): Metric {
  return new Metric({ namespace, metricName: name, dimensionsMap: { ...dimensions }, statistic, period: Duration.minutes(minutes) });
}

function describedBy(kind: string, says: string): string {
  return `${says} What to do: ${runbookOf(kind)}`;
}
