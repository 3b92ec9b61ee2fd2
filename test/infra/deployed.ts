import type { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DoorsStack } from '../../lib/stacks/doors.ts';
import { EdgeStack } from '../../lib/stacks/edge.ts';
import { FleetStack } from '../../lib/stacks/fleet.ts';
import { OperationsStack } from '../../lib/stacks/operations.ts';
import type { StageProps } from '../../lib/stage-props.ts';
import { CORE, type Resource, synthesize } from './app.ts';
import { resolved } from './resolved.ts';
import { ENV, PROD, withApp } from './synthesized.ts';

const STACKS: Readonly<Record<string, new (app: App, id: string, props: StageProps) => Stack>> = {
  doors: DoorsStack,
  edge: EdgeStack,
  fleet: FleetStack,
  operations: OperationsStack,
};

/** What a stack of production is made of, by logical id. */
export function stackOf(name: string): Readonly<Record<string, Resource>> {
  return withApp((app) => {
    const stack = new STACKS[name]!(app, name, { stage: PROD, env: ENV });
    return Template.fromStack(stack).toJSON()['Resources'] as Record<string, Resource>;
  });
}

/** What holds and moves data, without the ways in and what watches. */
export function core(): readonly Resource[] {
  return resolved(synthesize(CORE));
}
