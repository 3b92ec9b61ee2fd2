import { type Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding that stays, where, and why it may. */
export interface Acknowledged {
  /** Path of a construct below its stack; the finding is acknowledged there and in what lies below it. */
  readonly path: string;
  /** Such as `SQS3`, or `IAM5[Resource::*]` for one finding of a rule that has many. */
  readonly rule: string;
  readonly reason: string;
}

/** Pack of rules that the findings belong to; without it in front an acknowledgement matches nothing. */
const PACK = 'AwsSolutions';

/** @throws when a path leads nowhere: an acknowledgement of nothing hides that something has moved */
export function acknowledgeAll(stack: Stack, list: readonly Acknowledged[]): void {
  for (const { path, rule, reason } of list) {
    const place = path.split('/').reduce<IConstruct>((above, step) => above.node.findChild(step), stack);
    Validations.of(place).acknowledge({ id: `${PACK}::${PACK}-${rule}`, reason });
  }
}
