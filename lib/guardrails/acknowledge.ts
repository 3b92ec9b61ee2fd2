import { type Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding that stays, where, and why it may. */
export interface Acknowledged {
  /** Path of a construct below its stack; the finding is acknowledged there and in what lies below it. */
  readonly path: string;
  /** As the report names it, e.g. `AwsSolutions-IAM5[Resource::*]`. */
  readonly id: string;
  readonly reason: string;
}

/** @throws when a path leads nowhere: an acknowledgement of nothing hides that something has moved */
export function acknowledge(stack: Stack, list: readonly Acknowledged[]): void {
  for (const { path, id, reason } of list) {
    const place = path.split('/').reduce<IConstruct>((above, step) => above.node.findChild(step), stack);
    Validations.of(place).acknowledge({ id, reason });
  }
}
