import type { Acknowledged } from './acknowledged.ts';

/** Findings of the fleet that stay. */
export const FLEET_ACKNOWLEDGED: readonly Acknowledged[] = [
  {
    path: 'Quarantine/ActionRole/Resource',
    rule: 'IAM5[Resource::arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:thing/*]',
    reason: 'Any device may have to be quarantined; the group it is put into is one, by name.',
  },
  {
    path: 'Quarantine/ActionRole/Resource',
    rule: 'IAM5[Resource::*]',
    reason: 'An audit names certificates, and the gateway lists the things of one for no resource; it is a reading action.',
  },
  {
    // One function for all calls of this kind in the stack, under a name that CDK gives it.
    path: 'AWS679f53fac002430cb0da5b7982bd2287/ServiceRole/Resource',
    rule: 'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    reason:
      "The function that attaches the denial to the quarantine group is CDK's own, runs at deployment alone, and writes its log with it.",
  },
  {
    path: 'Notices/Undelivered/Resource',
    rule: 'SQS3',
    reason:
      'It is where notices end that reached no queue: it is the dead-letter queue of the topic and of the rule, which cdk-nag does not look at.',
  },
  {
    path: 'Audit/Auditor/Resource',
    rule: 'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSIoTDeviceDefenderAudit]',
    reason: 'The audit reads what AWS adds to it over time; this policy of AWS follows, reads alone, and is assumed by AWS IoT alone.',
  },
  {
    path: 'LogRole/DefaultPolicy/Resource',
    rule: 'IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:AWSIotLogsV2:*]',
    reason: 'The gateway names the streams of its one log group itself.',
  },
  {
    path: 'Trust/Resource',
    rule: 'S1',
    reason:
      'CA certificates and revocation lists are public by nature; who writes them, which matters, stands in the trail of the account.',
  },
];
