import { describe, expect, it } from 'vitest';
import { resolvePolicy, ruleSql, THING_TYPES, TOPIC_RULES } from '../../topology/device-access.ts';
import { QUEUES } from '../../topology/queues.ts';
import { domainOf } from '../../topology/storage.ts';
import { SUBSCRIPTIONS } from '../../topology/subscriptions.ts';
import { CORE, synthesize } from './app.ts';
import { resolved } from './resolved.ts';

const all = resolved(synthesize(CORE));
const ofType = (type: string) => all.filter(({ Type }) => Type === type);
const queueNamed = (name: string) =>
  ofType('AWS::SQS::Queue').find(({ Properties }) => Properties['QueueName'] === `joulekeep-dev-${name}`)!;
const arnOf = (name: string) => `arn:aws:sqs:eu-central-1:111122223333:joulekeep-dev-${name}`;
const keyOf = (queue: string) => {
  const alias = `alias/joulekeep-dev-storage-${domainOf('queues', queue)}`;
  return ofType('AWS::KMS::Alias').find(({ Properties }) => Properties['AliasName'] === alias)!.Properties['TargetKeyId'];
};

describe('what devices may do', () => {
  it('R9.1-4, C10.1-1: policies are those of topology, word for word', () => {
    const here = { partition: 'aws', region: 'eu-central-1', account: '111122223333' };
    const wanted = THING_TYPES.flatMap(({ policies }) => policies).map(({ name, document }) => ({
      PolicyName: name,
      PolicyDocument: resolvePolicy(document, here),
    }));
    const found = all.filter(({ Type, stack }) => Type === 'AWS::IoT::Policy' && stack === 'gateway').map(({ Properties }) => Properties);
    expect(found).toEqual(wanted);
    expect(JSON.stringify(found)).toContain('iot:Connection.Thing.ThingName');
  });

  it('there is a thing type for each of topology', () => {
    expect(ofType('AWS::IoT::ThingType').map(({ Properties }) => Properties['ThingTypeName'])).toEqual(THING_TYPES.map(({ name }) => name));
  });
});

describe('what devices say', () => {
  it.each(Object.values(TOPIC_RULES).map((rule) => [rule.name, rule] as const))(
    'T8.1-4: %s lands in its queue, and where that fails in a bucket; never in a function',
    (name, rule) => {
      const { Properties } = ofType('AWS::IoT::TopicRule').find(({ Properties }) => Properties['RuleName'] === name)!;
      expect(Properties['TopicRulePayload']).toEqual({
        Sql: ruleSql(rule),
        AwsIotSqlVersion: '2016-03-23',
        Actions: [
          {
            Sqs: {
              QueueUrl: `https://sqs/joulekeep-dev-${rule.queue}`,
              RoleArn: `arn:aws:iam::111122223333:role/joulekeep-dev-rule-${rule.queue}`,
              UseBase64: false,
            },
          },
        ],
        ErrorAction: {
          S3: {
            BucketName: 'joulekeep-dev-undelivered-111122223333-eu-central-1',
            Key: `${rule.queue}/${['timestamp', 'newuuid'].map((call) => `\${${call}()}`).join('-')}`,
            RoleArn: `arn:aws:iam::111122223333:role/joulekeep-dev-rule-${rule.queue}`,
          },
        },
      });
    },
  );

  it('a rule’s role fills its own queue and is the gateway’s alone', () => {
    for (const { queue } of Object.values(TOPIC_RULES)) {
      const role = ofType('AWS::IAM::Role').find(({ Properties }) => Properties['RoleName'] === `joulekeep-dev-rule-${queue}`)!;
      expect(role.Properties['AssumeRolePolicyDocument']).toMatchObject({
        Statement: [{ Principal: { Service: 'iot.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } }],
      });
      expect(JSON.stringify(role.Properties['Policies'])).toContain(`"${arnOf(queue)}"`);
    }
  });
});

describe('queues', () => {
  it.each(QUEUES.map((queue) => [queue.name, queue] as const))(
    'C10.1-8: %s sets aside what fails again and again, for people to move back',
    (name, spec) => {
      expect(queueNamed(name).Properties).toMatchObject({
        RedrivePolicy: { deadLetterTargetArn: arnOf(spec.deadLetter), maxReceiveCount: spec.maxReceiveCount },
        VisibilityTimeout: spec.visibilitySeconds,
        MessageRetentionPeriod: spec.retentionDays * 86_400,
      });
      expect(queueNamed(spec.deadLetter).Properties).toMatchObject({
        MessageRetentionPeriod: 14 * 86_400,
        RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arnOf(name)] },
      });
    },
  );

  it.each(
    QUEUES.flatMap(
      ({ name, deadLetter }) =>
        [
          [name, name],
          [deadLetter, name],
        ] as const,
    ),
  )('R9.1-3, C10.1-7: %s lies under the key of its domain', (queue, name) => {
    expect(queueNamed(queue).Properties).toMatchObject({ KmsMasterKeyId: keyOf(name), KmsDataKeyReusePeriodSeconds: 3_600 });
  });

  it('R9.1-3: none is reached without TLS', () => {
    const policies = ofType('AWS::SQS::QueuePolicy');
    const queues = ofType('AWS::SQS::Queue');
    expect(queues.length).toBeGreaterThanOrEqual(QUEUES.length * 2 + 2);
    for (const { Properties } of queues) {
      const policy = policies.find(({ Properties: own }) =>
        (own['Queues'] as string[]).includes(`https://sqs/${String(Properties['QueueName'])}`),
      )!;
      const { Statement } = policy.Properties['PolicyDocument'] as { readonly Statement: readonly object[] };
      expect(Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sqs:*',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });
});

describe('audiences', () => {
  it.each(SUBSCRIPTIONS.map((subscription) => [subscription.name, subscription] as const))(
    '%s is told the events of the catalogue, as they are',
    (name, { queue, types }) => {
      const { Properties } = ofType('AWS::Events::Rule').find(({ Properties }) => Properties['Name'] === `joulekeep-dev-${name}`)!;
      expect(Properties).toMatchObject({
        EventPattern: { 'detail-type': types },
        State: 'ENABLED',
        Targets: [{ Arn: arnOf(queue), InputPath: '$.detail', DeadLetterConfig: { Arn: arnOf('undelivered-events') } }],
      });
      expect(types.length).toBeGreaterThan(0);
    },
  );

  it('C10.1-7: the bus keeps its events under the key of billing, and sets aside what it cannot', () => {
    expect(ofType('AWS::Events::EventBus').map(({ Properties }) => Properties)).toMatchObject([
      { Name: 'joulekeep-dev', KmsKeyIdentifier: keyOf('billing'), DeadLetterConfig: { Arn: arnOf('undelivered-events') } },
    ]);
  });

  it('what is sent again comes from an archive of a month', () => {
    expect(ofType('AWS::Events::Archive').map(({ Properties }) => Properties)).toMatchObject([
      {
        RetentionDays: 30,
        SourceArn: 'arn:aws:events:eu-central-1:111122223333:event-bus/joulekeep-dev',
        KmsKeyIdentifier: keyOf('billing'),
      },
    ]);
  });
});
