import { CfnListenerRule, CfnTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type DoorRule, type Listening, type PrivateDoor, routesAt, rulesOf, targetName } from '../door-routes.ts';
import { physicalName, type Stage } from '../stage.ts';
import { arnHere } from './arn-here.ts';

export interface DoorRulesProps {
  readonly stage: Stage;
  readonly door: PrivateDoor;
  readonly listening: Listening;
  /** ARN. */
  readonly listener: string;
}

/**
 * The routes of a door as rules of one of its listeners. Functions are found by name in another stack; that this listener's load balancer
 * may call them is said here, where it is known who does.
 * @param scope whose children the rules are
 */
export function doorRules(scope: Construct, { stage, door, listening, listener }: DoorRulesProps): void {
  const rules = rulesOf(routesAt(door));
  const names = [...new Set(rules.map((rule) => rule.function))];
  const targets = new Map(
    names.map((name) => {
      const functionArn = arnHere('lambda', `function:${physicalName(stage, name)}`);
      return [name, functionTarget(scope, name, functionArn, targetName(stage, door, name, listening))];
    }),
  );
  for (const rule of rules) {
    new CfnListenerRule(scope, `Route-${rule.function}-${rule.pattern.replaceAll(/[^A-Za-z0-9*-]/g, '_').replaceAll('*', 'x')}`, {
      listenerArn: listener,
      priority: rule.priority,
      conditions: conditionsOf(rule),
      actions: [{ type: 'forward', targetGroupArn: targets.get(rule.function)! }],
    });
  }
}

/** @param name of it in the scope @param group physical name of the target group @returns ARN of the target group */
export function functionTarget(scope: Construct, name: string, functionArn: string, group: string): string {
  const permission = new CfnPermission(scope, `Permission-${name}`, {
    action: 'lambda:InvokeFunction',
    functionName: functionArn,
    principal: 'elasticloadbalancing.amazonaws.com',
    sourceArn: arnHere('elasticloadbalancing', `targetgroup/${group}/*`),
  });
  const target = new CfnTargetGroup(scope, `Target-${name}`, {
    name: group,
    targetType: 'lambda',
    targets: [{ id: functionArn }],
    // A header or a field that comes twice is seen to come twice.
    targetGroupAttributes: [{ key: 'lambda.multi_value_headers.enabled', value: 'true' }],
  });
  target.addResourceDependency(permission);
  return target.ref;
}

function conditionsOf({ pattern, methods }: Pick<DoorRule, 'pattern' | 'methods'>): CfnListenerRule.RuleConditionProperty[] {
  return [
    { field: 'path-pattern', pathPatternConfig: { values: [pattern] } },
    { field: 'http-request-method', httpRequestMethodConfig: { values: [...methods] } },
  ];
}
