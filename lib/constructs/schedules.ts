import { Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventInvokeConfig, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { physicalName, type Stage } from '../stage.ts';

export interface Scheduled {
  readonly name: string;
  readonly function: IFunction;
  readonly everyMinutes: number;
}

export interface SchedulesProps {
  readonly stage: Stage;
  readonly scheduled: readonly Scheduled[];
  /** Gets what could not be started or failed. */
  readonly missed: Queue;
  /** Under which that queue lies. */
  readonly key: IKey;
}

const HOUR = 60;
const DAY = 24 * HOUR;

/** What the clock asks for. A run that failed is not repeated: the next makes up for it, and people are told. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { stage, scheduled, missed, key }: SchedulesProps) {
    super(scope, id);
    const group = new CfnScheduleGroup(this, 'Group', { name: `joulekeep-${stage.name}` });
    const role = this.#role(stage, scheduled, missed, key);
    for (const { name, function: target, everyMinutes } of scheduled) {
      new CfnSchedule(this, `schedule-${name}`, {
        name: physicalName(stage, name),
        groupName: group.name,
        scheduleExpression: scheduleExpression(everyMinutes),
        scheduleExpressionTimezone: 'UTC',
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: target.functionArn,
          roleArn: role.roleArn,
          retryPolicy: { maximumEventAgeInSeconds: 900, maximumRetryAttempts: 5 },
          deadLetterConfig: { arn: missed.queueArn },
        },
      }).addResourceDependency(group);
      new EventInvokeConfig(this, `failed-${name}`, {
        function: target,
        maxEventAge: Duration.minutes(15),
        retryAttempts: 0,
        onFailure: new SqsDestination(missed),
      });
    }
  }

  #role(stage: Stage, scheduled: readonly Scheduled[], missed: Queue, key: IKey): Role {
    const allow = (actions: string[], resources: string[]) => new PolicyStatement({ effect: Effect.ALLOW, actions, resources });
    const { account } = Stack.of(this);
    return new Role(this, 'Role', {
      roleName: physicalName(stage, 'scheduler'),
      description: 'Starts what the clock asks for',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': account } } }),
      inlinePolicies: {
        Start: new PolicyDocument({
          statements: [
            allow(
              ['lambda:InvokeFunction'],
              scheduled.map(({ function: target }) => target.functionArn),
            ),
            allow(['sqs:SendMessage'], [missed.queueArn]),
            allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]),
          ],
        }),
      },
    });
  }
}

/** Every whole multiple of so many minutes, UTC. @throws RangeError for what the clock's fields can't say */
export function scheduleExpression(everyMinutes: number): string {
  if (everyMinutes < HOUR && HOUR % everyMinutes === 0) return `cron(0/${everyMinutes} * * * ? *)`;
  if (everyMinutes % HOUR === 0 && DAY % everyMinutes === 0) {
    const hours = everyMinutes / HOUR;
    return hours === 24 ? 'cron(0 0 * * ? *)' : hours === 1 ? 'cron(0 * * * ? *)' : `cron(0 0/${hours} * * ? *)`;
  }
  throw new RangeError(`every ${everyMinutes} minutes: neither a part of an hour nor of a day`);
}
