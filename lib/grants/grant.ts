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
  /** Why a resource has a star in it; demanded there, and what a review reads. */
  readonly widely?: string;
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Where a role's resources are. */
export interface Place {
  readonly stack: Stack;
  readonly stage: Stage;
  /** ARN that an earlier stack told. */
  readonly told: (what: string) => string;
}

/** Resources of a grant that a star widens. @throws RangeError when nothing says why */
export function wideResources({ sid, resources, widely }: Grant): readonly string[] {
  const wide = resources.filter((resource) => resource.includes('*'));
  if (wide.length > 0 && widely === undefined) throw new RangeError(`grant ${sid}: ${wide[0]} has a star and no reason`);
  return wide;
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
