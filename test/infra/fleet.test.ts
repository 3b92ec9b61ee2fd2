import { readFileSync } from 'node:fs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { FLEET_ACKNOWLEDGED } from '../../lib/guardrails/acknowledged-fleet.ts';
import { FleetStack } from '../../lib/stacks/fleet.ts';
import { DEV, ENV, PROD, Synthesized } from './synthesized.ts';

const fleet = new Synthesized((app) => new FleetStack(app, 'fleet', { stage: PROD, env: ENV }));
const one = (type: string) => {
  const found = fleet.of(type);
  expect(found).toHaveLength(1);
  return found[0]!.Properties;
};
/** The type declarations of the library that is installed: what it knows of AWS. */
const IOT_TYPES = readFileSync(new URL('../../node_modules/aws-cdk-lib/aws-iot/lib/iot.generated.d.ts', import.meta.url), 'utf8');

describe('certificates shown for the first time', () => {
  it('C10.1-2: wait: no template goes with a CA that would put in force whatever it has signed', () => {
    const authority = one('AWS::IoT::CACertificate');
    expect(authority).toMatchObject({ AutoRegistrationStatus: 'ENABLE', Status: 'ACTIVE', CertificateMode: 'DEFAULT' });
    expect(authority).not.toHaveProperty('RegistrationConfig');
    expect(authority['VerificationCertificatePem']).toEqual({ Ref: expect.any(String) });
    expect(JSON.stringify([...fleet.resources.values()])).not.toContain('"iot:UpdateCertificate"');
  });

  it('reach the function that asks the stock, through a queue', () => {
    const rule = one('AWS::IoT::TopicRule');
    const payload = rule['TopicRulePayload'] as { Sql: string; Actions: object[]; ErrorAction: object };
    expect(payload.Sql).toContain(`FROM '$aws/events/certificates/registered/+'`);
    expect(payload.Sql).toContain('certificateId');
    expect(payload.Actions).toEqual([{ Sqs: expect.objectContaining({ QueueUrl: { Ref: expect.stringContaining('registrations') } }) }]);
    expect(payload.ErrorAction).toEqual({ Sqs: expect.objectContaining({ QueueUrl: { Ref: expect.stringContaining('Undelivered') } }) });
    const mappings = fleet.of('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties);
    expect(mappings).toHaveLength(2);
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'], ScalingConfig: { MaximumConcurrency: 2 } });
      expect(JSON.stringify(mapping['FunctionName'])).toContain('joulekeep-prod-enrol');
      expect(mapping).not.toHaveProperty('FilterCriteria');
    }
  });

  it('end beside the queue when they cannot be processed', () => {
    for (const name of ['registrations', 'violations']) {
      const queue = fleet.of('AWS::SQS::Queue').find(({ Properties }) => Properties['QueueName'] === `joulekeep-prod-${name}`);
      expect(queue?.Properties['RedrivePolicy']).toMatchObject({ maxReceiveCount: 3, deadLetterTargetArn: expect.anything() });
      expect(queue?.Properties['KmsMasterKeyId']).toBeDefined();
    }
  });
});

describe('the audit', () => {
  it('C10.1-1: has every check on that the library knows, daily, and tells what it finds', () => {
    const known = IOT_TYPES.match(/interface AuditCheckConfigurationsProperty \{[\s\S]*?\n {4}\}/)![0].match(/readonly \w+Check(?=\?)/g)!;
    expect(known.length).toBeGreaterThanOrEqual(14);
    const account = one('AWS::IoT::AccountAuditConfiguration');
    const checks = account['AuditCheckConfigurations'] as Record<string, { Enabled: boolean }>;
    const capital = (name: string) => name.slice('readonly '.length).replace(/^./, (letter) => letter.toUpperCase());
    expect(Object.keys(checks).sort()).toEqual(known.map(capital).sort());
    for (const [name, { Enabled }] of Object.entries(checks)) expect([name, Enabled]).toEqual([name, true]);
    expect(account['AuditNotificationTargetConfigurations']).toMatchObject({ Sns: { Enabled: true } });
    const schedule = one('AWS::IoT::ScheduledAudit');
    expect(schedule['Frequency']).toBe('DAILY');
    expect(schedule['TargetCheckNames']).toHaveLength(known.length);
  });
});

describe('the watch', () => {
  it('T8.1-4: holds every registered device to the limits, and one breach is told', () => {
    const profiles = fleet.of('AWS::IoT::SecurityProfile').map(({ Properties }) => Properties);
    expect(profiles).toHaveLength(2);
    const behaviours = profiles.flatMap((profile) => profile['Behaviors'] as { Name: string; Criteria: Record<string, unknown> }[]);
    const limits = Object.fromEntries(
      behaviours.map(({ Name, Criteria }) => [Name, [Criteria['Value'] as object, Criteria['DurationSeconds']]]),
    );
    expect(limits).toEqual({
      'message-bytes': [{ Count: '102400' }, undefined],
      'messages-sent': [{ Count: '6000' }, 300],
      'authorization-failures': [{ Count: '3' }, 300],
      'connection-attempts': [{ Count: '60' }, 300],
      disconnects: [{ Count: '60' }, 300],
    });
    for (const { Criteria } of behaviours)
      expect(Criteria).toMatchObject({ ComparisonOperator: 'less-than-equals', ConsecutiveDatapointsToAlarm: 1 });
    for (const profile of profiles) {
      expect(JSON.stringify(profile['TargetArns'])).toContain('all/registered-things');
      expect(profile['AlertTargets']).toMatchObject({ SNS: { AlertTargetArn: { Ref: expect.stringContaining('violations') } } });
    }
  });

  it('T8.1-4: reaches the function that quarantines, raw, and nothing is lost on the way', () => {
    const subscription = fleet.of('AWS::SNS::Subscription').find(({ Properties }) => Properties['Protocol'] === 'sqs');
    expect(subscription?.Properties).toMatchObject({
      RawMessageDelivery: true,
      TopicArn: { Ref: expect.stringContaining('violations') },
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringContaining('Undelivered'), 'Arn'] } },
    });
  });
});

describe('the quarantine', () => {
  it('T8.1-4, C10.1-1: denies everything to whoever is in the group', () => {
    expect(one('AWS::IoT::ThingGroup')).toMatchObject({ ThingGroupName: 'joulekeep-quarantine' });
    expect(one('AWS::IoT::Policy')).toMatchObject({
      PolicyName: 'joulekeep-quarantine',
      PolicyDocument: { Statement: [{ Effect: 'Deny', Action: ['iot:*'], Resource: ['*'] }] },
    });
    const attachment = one('Custom::AWS');
    const call = JSON.stringify(attachment['Create']);
    expect(call).toContain('attachPolicy');
    expect(call).toContain('joulekeep-quarantine');
  });

  it('is what an audit finding can be answered with', () => {
    expect(one('AWS::IoT::MitigationAction')).toMatchObject({
      ActionName: 'joulekeep-prod-quarantine',
      ActionParams: { AddThingsToThingGroupParams: { ThingGroupNames: ['joulekeep-quarantine'] } },
    });
  });
});

describe('the fleet', () => {
  it('logs what the gateway refuses', () => {
    expect(one('AWS::IoT::Logging')).toMatchObject({ DefaultLogLevel: 'WARN' });
  });

  it('keeps every version of what edge and doors trust, where nobody outside reads', () => {
    expect(one('AWS::S3::Bucket')).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it('tells findings to the duty where there is one', () => {
    const emails = (subject: Synthesized) =>
      subject.of('AWS::SNS::Subscription').filter(({ Properties }) => Properties['Protocol'] === 'email');
    expect(emails(fleet).map(({ Properties }) => Properties['Endpoint'])).toEqual(['duty@example.org']);
    expect(emails(new Synthesized((app) => new FleetStack(app, 'fleet', { stage: DEV, env: ENV })))).toEqual([]);
  });

  it('has no finding of cdk-nag that is not acknowledged with a reason of its own', () => {
    expect(fleet.findings).toEqual([]);
    const planted = new Synthesized((app) => {
      const stack = new FleetStack(app, 'fleet', { stage: PROD, env: ENV });
      new Bucket(stack, 'Planted');
      return stack;
    });
    expect(planted.findings).toContain('fleet/Planted/Resource AwsSolutions-S1');
    expect(new Set(FLEET_ACKNOWLEDGED.map(({ reason }) => reason)).size).toBe(FLEET_ACKNOWLEDGED.length);
  });
});
