import { join } from 'node:path';
import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ruleSql, TOPIC_RULES } from '../../../topology/device-access.ts';
import { PROOF } from './names.ts';

/** Modules of the SDK ask for Node's own by `require`, which an ES module lacks. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** The way of a publish: rule of the gateway, queue, function, table. */
export class WiringStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const queue = new Queue(this, 'Landing', { queueName: PROOF.landing });
    const table = new TableV2(this, 'Landed', {
      tableName: PROOF.landed,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'RuleRole', { assumedBy: new ServicePrincipal('iot.amazonaws.com') });
    queue.grantSendMessages(role);
    new CfnTopicRule(this, 'TopicRule', {
      ruleName: TOPIC_RULES.telemetry.name,
      topicRulePayload: {
        sql: ruleSql(TOPIC_RULES.telemetry),
        awsIotSqlVersion: '2016-03-23',
        actions: [{ sqs: { queueUrl: queue.queueUrl, roleArn: role.roleArn, useBase64: false } }],
      },
    });
    const landing = new NodejsFunction(this, 'Take', {
      entry: join(import.meta.dirname, 'take.ts'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      bundling: { format: OutputFormat.ESM, externalModules: [], banner: REQUIRE },
      environment: { TABLE: table.tableName },
    });
    table.grantWriteData(landing);
    landing.addEventSource(new SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true }));
  }
}
