import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Pack of rules that the findings belong to; without it in front an acknowledgement matches nothing. */
const PACK = 'AwsSolutions';

/**
 * Accepts one finding on one construct.
 * @param rule such as `SQS3`, or `IAM5[Resource::*]` for one finding of a rule that has many @param reason why it is right here
 */
export function accept(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `${PACK}::${PACK}-${rule}`, reason });
}

/** Accepts a resource that ends in a star, in a policy of the construct. @param resource ARN, tokens and all */
export function acceptWildcard(construct: IConstruct, resource: string, reason: string): void {
  accept(construct, `IAM5[Resource::${flattened(Stack.of(construct).resolve(resource))}]`, reason);
}

/** An ARN as findings write it: what only CloudFormation knows by its name in angle brackets. */
function flattened(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  if ('Ref' in value) return `<${String(value.Ref)}>`;
  if ('Fn::GetAtt' in value) return `<${(value['Fn::GetAtt'] as readonly string[]).join('.')}>`;
  if (!('Fn::Join' in value)) return '';
  const [separator, parts] = value['Fn::Join'] as readonly [string, readonly unknown[]];
  return parts.map(flattened).join(separator);
}
