import type { Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { KmsKey, Principal } from '../topology/keys.ts';
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

/** The name of a bucket is the world's: the account and region make it ours. */
export function bucketName(stack: Stack, stage: Stage, what: string): string {
  return `${physicalName(stage, what)}-${stack.account}-${stack.region}`;
}

/** Generations that exist of an asymmetric key, oldest first; of others the one that the key service rotates by itself. */
export function generationsOf(stage: Stage, { id, usage }: KmsKey): readonly number[] {
  if (usage === 'encrypt-decrypt' || usage === 'mac') return [1];
  return [...(stage.keyGenerations?.[id] ?? [1])].sort((a, b) => a - b);
}

/** Names by which one stack tells another what only CloudFormation knows. */
export const TOLD = {
  /** ARN of a key of topology/keys.ts. */
  key: (id: string, generation: number) => `kms/${id}-${generation}`,
  /** ARN of a key of topology/storage.ts. */
  storageKey: (domain: string) => `storage-key/${domain}`,
  /** ARN of the change stream of a table. */
  changes: (table: string) => `changes/${table}`,
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
