import type { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Stage } from '../stage.ts';

/** One statement of a role: what it may do with what, under which condition. */
export interface Grant {
  /** Letters and digits; unique in the role. */
  readonly sid: string;
  readonly actions: readonly string[];
  /** ARNs. */
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Where a role's resources are. */
export interface Place {
  readonly stack: Stack;
  readonly stage: Stage;
  /** ARN that an earlier stack told. */
  readonly told: (what: string) => string;
}

export function statementOf({ sid, actions, resources, conditions }: Grant): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  });
}
