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
    path: 'Notices/Undelivered/Resource',
    rule: 'SQS3',
    reason:
      'It is where notices end that reached no queue: it is the dead-letter queue of the topic and of the rule, which cdk-nag does not look at.',
  },
  {
    path: 'Audit/Auditor/Resource',
    rule: 'IAM5[Resource::*]',
    reason: 'The audit looks at the whole registry and at every role it could lead to; it reads alone, and AWS IoT alone assumes it.',
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
