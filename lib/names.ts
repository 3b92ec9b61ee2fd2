import type { Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { CA_KEYS, KMS_KEYS, type KmsKey } from '../topology/keys.ts';
import type { Principal } from '../topology/principals.ts';
import type { Application } from '../topology/site-config.ts';
import { parameterName, physicalName, type Stage } from './stage.ts';

/** Role under which a principal's code runs: key policies name it before it exists. */
export function roleArn(stack: Stack, stage: Stage, principal: Principal): string {
  return stack.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: physicalName(stage, principal) });
}

export function queueArn(stack: Stack, stage: Stage, queue: string): string {
  return stack.formatArn({ service: 'sqs', resource: physicalName(stage, queue) });
}

export function tableArn(stack: Stack, stage: Stage, table: string): string {
  return stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: physicalName(stage, table) });
}

/** The bus of integration events. */
export function busArn(stack: Stack, stage: Stage): string {
  return stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: busName(stage) });
}

export function busName(stage: Stage): string {
  return `joulekeep-${stage.name}`;
}

/** The name of a bucket is the world's: the account and region make it ours. */
export function bucketName(stack: Stack, stage: Pick<Stage, 'name'>, what: string): string {
  return `${physicalName(stage, what)}-${stack.account}-${stack.region}`;
}

/** ARN of a bucket by its whole name. */
export function bucketArn(stack: Stack, name: string): string {
  return stack.formatArn({ service: 's3', region: '', account: '', resource: name });
}

/** Buckets of the applications as they are published: `joulekeep portal publish` writes there, browsers read. */
export const SITE_BUCKETS = { portal: 'portal', console: 'console' } as const satisfies Record<Application, string>;

/** Keys of the key service that functions ask it to use: those of readings and records, and those that sign devices' certificates. */
export const SERVICE_KEYS: readonly KmsKey[] = [...KMS_KEYS, ...CA_KEYS];

/** Whether another key comes in the place of an old one, under its alias; symmetric keys the service rotates within. */
export function isSucceeded({ usage }: Pick<KmsKey, 'usage'>): boolean {
  return usage !== 'encrypt-decrypt';
}

/** Whether each generation has an alias of its own, with its number, beside the one of the key in use. */
export function isNumbered({ usage }: Pick<KmsKey, 'usage'>): boolean {
  return usage === 'key-agreement' || usage === 'sign-verify';
}

/** Keys whose successors the clock makes; those that sign certificates change with their authority's, by people, as do some others. */
export const CLOCKED_KEYS: readonly KmsKey[] = KMS_KEYS.filter((key) => isSucceeded(key) && key.changedByPeople !== true);

/** Names by which one stack tells another what only CloudFormation knows. */
export const TOLD = {
  /** ARN of a symmetric key of topology/keys.ts. */
  key: (id: string) => `kms/${id}`,
  /** ARN of a key of topology/storage.ts. */
  storageKey: (domain: string) => `storage-key/${domain}`,
  /** ARN of the change stream of a table. */
  changes: (table: string) => `changes/${table}`,
  /** Where the key service's own record lies: bucket, account, region. */
  keyRecord: 'key-record',
  /** Of people and customers who sign in. */
  identity: { issuer: 'identity/issuer', portal: 'identity/portal-client', console: 'identity/console-client' },
  /** Full name of a door's load balancer, by which its metrics are known. */
  balancer: (door: string) => `doors/${door}-balancer`,
} as const;

/** Writes a name down for stacks that come later. */
export function tell(scope: Construct, stage: Stage, what: string, value: string): void {
  const id = `Tell${what.replaceAll(/(^|[^a-z0-9])([a-z0-9])/gi, (_, _between, letter: string) => letter.toUpperCase())}`;
  new StringParameter(scope, id, { parameterName: parameterName(stage, what), stringValue: value });
}

/** Reads at deployment what an earlier stack wrote down. */
export function told(scope: Construct, stage: Stage, what: string): string {
  return StringParameter.valueForStringParameter(scope, parameterName(stage, what));
}
