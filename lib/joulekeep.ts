import type { App, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AudiencesStack } from './stacks/audiences.ts';
import { DataStack } from './stacks/data.ts';
import { DoorsStack, doorsLeftOut } from './stacks/doors.ts';
import { EdgeStack, edgeLeftOut } from './stacks/edge.ts';
import { FleetStack } from './stacks/fleet.ts';
import { GatewayStack } from './stacks/gateway.ts';
import { IdentityStack, identityLeftOut } from './stacks/identity.ts';
import { KeysStack } from './stacks/keys.ts';
import { OperationsStack } from './stacks/operations.ts';
import { ReplayStack } from './stacks/replay.ts';
import { ServicesStack } from './stacks/services.ts';
import { physicalName, type Stage, stageError } from './stage.ts';
import type { StageProps } from './stage-props.ts';
import { readStage } from './stages.ts';

type StackClass = new (scope: Construct, id: string, props: StageProps) => Stack;

/** Units of deployment by rate of change, the slowest first; each with those it needs to find in place. */
const STACKS = {
  keys: { make: KeysStack, after: [] },
  data: { make: DataStack, after: ['keys'] },
  gateway: { make: GatewayStack, after: ['data'] },
  audiences: { make: AudiencesStack, after: ['keys'] },
  identity: { make: IdentityStack, after: [] },
  replay: { make: ReplayStack, after: ['audiences'] },
  services: { make: ServicesStack, after: ['gateway', 'audiences', 'identity'] },
  fleet: { make: FleetStack, after: ['services'] },
  edge: { make: EdgeStack, after: ['fleet'] },
  doors: { make: DoorsStack, after: ['fleet'] },
  operations: { make: OperationsStack, after: ['services', 'fleet', 'doors'] },
} as const satisfies Record<string, { readonly make: StackClass; readonly after: readonly string[] }>;

export type StackName = keyof typeof STACKS;

export const STACK_NAMES = Object.keys(STACKS) as readonly StackName[];

/** Why a stage goes without a stack, where it may. */
const LEFT_OUT: Partial<Record<StackName, (stage: Stage) => string | undefined>> = {
  identity: identityLeftOut,
  edge: edgeLeftOut,
  doors: doorsLeftOut,
};

export interface Joulekeep {
  readonly stage: Stage;
  readonly stacks: ReadonlyMap<StackName, Stack>;
  /** One line for each stack that the stage goes without because a setting is missing. */
  readonly leftOut: readonly string[];
}

/**
 * The whole service as stacks `joulekeep-<stage>-<name>`. Context: `stage` and the settings of lib/stages.ts; `stacks`, names divided
 * by commas, leaves the others out.
 * @throws ERR_STAGE_INVALID
 */
export function joulekeep(app: App): Joulekeep {
  const context = (key: string): unknown => app.node.tryGetContext(key);
  const stage = readStage(context);
  const named = context('stacks');
  const without = new Map(STACK_NAMES.map((name) => [name, named === undefined ? LEFT_OUT[name]?.(stage) : undefined]));
  const chosen = chosenStacks(named).filter((name) => without.get(name) === undefined);
  const env = { region: stage.region, ...(stage.account === undefined ? {} : { account: stage.account }) };
  const stacks = new Map<StackName, Stack>();
  for (const name of chosen) stacks.set(name, new STACKS[name].make(app, physicalName(stage, name), { stage, env }));
  for (const [name, stack] of stacks) {
    for (const earlier of STACKS[name].after) {
      const found = stacks.get(earlier);
      if (found !== undefined) stack.addStackDependency(found);
    }
  }
  return { stage, stacks, leftOut: [...without.values()].filter((line) => line !== undefined) };
}

function chosenStacks(given: unknown): readonly StackName[] {
  if (given === undefined) return STACK_NAMES;
  const names = String(given).split(',');
  const unknown = names.find((name) => !STACK_NAMES.includes(name as StackName));
  if (unknown !== undefined) throw stageError('stacks', `${JSON.stringify(unknown)} is none`, `name some of ${STACK_NAMES.join(', ')}`);
  return STACK_NAMES.filter((name) => names.includes(name));
}
