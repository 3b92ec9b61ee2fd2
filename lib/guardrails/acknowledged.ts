import type { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** A finding that stays, where, and why it may. */
export interface Acknowledged {
  /** Path of a construct below its stack; the finding is acknowledged there and in what lies below it. */
  readonly path: string;
  /** As for `acknowledge`, e.g. `IAM5[Resource::*]`. */
  readonly rule: string;
  readonly reason: string;
}

/** @throws when a path leads nowhere: an acknowledgement of nothing hides that something has moved */
export function acknowledgeAll(stack: Stack, list: readonly Acknowledged[]): void {
  for (const { path, rule, reason } of list) {
    const place = path.split('/').reduce<IConstruct>((above, step) => above.node.findChild(step), stack);
    acknowledge(place, rule, reason);
  }
}
