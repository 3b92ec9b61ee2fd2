import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { storageKeyName } from '../../topology/names.ts';
import type { StorageDomain } from '../../topology/storage.ts';
import { untouchedByClock } from '../key-policy.ts';
import { roleArn } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import { strangersTo } from '../storage-users.ts';

export interface StorageKeyProps {
  readonly stage: Stage;
  readonly domain: StorageDomain;
}

/** Uses of a symmetric key. */
const USES = [
  'kms:Decrypt',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/**
 * Key of a storage domain. Roles have their grants on their side; those that have no business in the domain are denied here,
 * whatever else allows them. @source X.1332 9.1, 10.1
 */
export class StorageKey extends Construct {
  readonly keyArn: string;

  constructor(scope: Construct, id: string, { stage, domain }: StorageKeyProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const statements = [
      new PolicyStatement({ sid: 'AccountAdministers', principals: [new AccountRootPrincipal()], actions: ['kms:*'], resources: ['*'] }),
      ...denialsIn(stack, stage, domain),
      untouchedByClock(stack, stage),
      ...servicesIn(stack, stage, domain),
    ];
    const key = new Key(this, 'Key', {
      alias: physicalName(stage, storageKeyName(domain)),
      description: `Joulekeep ${stage.name}: storage of ${domain}`,
      enableKeyRotation: true,
      policy: new PolicyDocument({ minimize: false, statements }),
      removalPolicy: stage.retains ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(stage.retains ? 30 : 7),
    });
    this.keyArn = key.keyArn;
  }
}

function denialsIn(stack: Stack, stage: Stage, domain: StorageDomain): readonly PolicyStatement[] {
  const strangers = strangersTo(domain).map((principal) => roleArn(stack, stage, principal));
  if (strangers.length === 0) return [];
  return [
    new PolicyStatement({
      sid: 'NoStrangers',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: USES,
      resources: ['*'],
      conditions: { ArnEquals: { 'aws:PrincipalArn': strangers } },
    }),
  ];
}

/** Services that use the key in their own name: bus and topics deliver to queues, alarms to their topic, the log service keeps logs. */
function servicesIn(stack: Stack, stage: Stage, domain: StorageDomain): readonly PolicyStatement[] {
  const delivers = (sid: string, service: string) =>
    new PolicyStatement({
      sid,
      principals: [new ServicePrincipal(service)],
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    });
  if (domain === 'billing') return [delivers('BusDelivers', 'events.amazonaws.com')];
  if (domain === 'fleet') return [delivers('TopicDelivers', 'sns.amazonaws.com')];
  if (domain !== 'operations') return [];
  const group = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `/aws/lambda/${physicalName(stage, '*')}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return [
    delivers('AlarmsAreTold', 'cloudwatch.amazonaws.com'),
    new PolicyStatement({
      sid: 'LogsAreKept',
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': group } },
    }),
  ];
}
