import type { CloudFormationTemplate } from './public-ways.ts';

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly NotAction?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: unknown;
}

/** The client id is what a device says of itself, wildcards and all; its thing is what its certificate proves. */
const OWN_NAME = '$' + '{iot:Connection.Thing.ThingName}';
const SAID_NAME = '$' + '{iot:ClientId}';
const ATTACHED = 'iot:Connection.Thing.IsAttached';
/** Names of actions are read without regard to case. */
const ONE_ACTION = /^iot:[a-z]+$/i;

/**
 * What is wrong with the device policies of a template: cdk-nag has no rule for them. An Allow is for one action on names that the
 * device's own thing stands in; a wildcard stands for one level, and nothing for all that follow.
 * @returns one line per fault, `<logical id>: <what>`
 * @source X.1332 10.1 (access control)
 */
export function iotPolicyFaults({ Resources = {} }: CloudFormationTemplate): readonly string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (Type !== 'AWS::IoT::Policy') return [];
    const { Statement: given } = Properties['PolicyDocument'] as { readonly Statement: unknown };
    return (listed(given) as readonly Statement[]).flatMap(statementFaults).map((fault) => `${id}: ${fault}`);
  });
}

function statementFaults(statement: Statement): readonly string[] {
  const actions = listed(statement.Action).map(String);
  const resources = listed(statement.Resource).map(flat);
  if (statement.Effect === 'Deny') return deniesAll(statement, actions, resources) ? [] : ['a Deny of less than everything'];
  return [
    ...(statement.NotAction === undefined ? [] : ['an Allow of every action but some']),
    ...(statement.NotResource === undefined ? [] : ['an Allow on every resource but some']),
    ...actions.filter((action) => !ONE_ACTION.test(action)).map((action) => `action ${action}`),
    ...resources.flatMap((resource) => resourceFaults(resource)),
    ...(actions.some((action) => action.toLowerCase() === 'iot:connect') ? connectFaults(statement, resources) : []),
  ];
}

/** A device that is shut out is shut out whatever it says of itself: no exception, no condition. */
function deniesAll({ Condition, NotAction, NotResource }: Statement, actions: readonly string[], resources: readonly string[]): boolean {
  const exceptions = [Condition, NotAction, NotResource].filter((part) => part !== undefined);
  return exceptions.length === 0 && actions.some((action) => action.toLowerCase() === 'iot:*') && resources.includes('*');
}

function resourceFaults(resource: string): readonly string[] {
  const name = nameOf(resource);
  if (name === undefined) return [`resource ${resource} is no client, topic or topic filter`];
  const levels = name.split('/');
  return [
    ...(name.includes(SAID_NAME) ? [`${name} trusts the client id`] : []),
    ...(levels.includes('#') ? [`${name} takes all levels that follow`] : []),
    // In a resource a star reaches over levels, which + in a filter does not.
    ...(levels.some((level) => /[*?]/.test(level)) ? [`${name} has a wildcard over levels`] : []),
    ...(levels.filter((level) => level === '+').length > 1 ? [`${name} has more than one wildcard`] : []),
    ...(name.includes(OWN_NAME) ? [] : [`${name} is everybody's`]),
  ];
}

function connectFaults({ Condition }: Statement, resources: readonly string[]): readonly string[] {
  const strangers = resources.map(nameOf).filter((name) => name !== OWN_NAME);
  const bool = ((Condition ?? {}) as { readonly Bool?: Readonly<Record<string, unknown>> }).Bool ?? {};
  return [
    ...strangers.map((name) => `Connect as ${name}`),
    ...(listed(bool[ATTACHED]).map(String).join() === 'true' ? [] : ['Connect with a certificate that is not attached to its thing']),
  ];
}

/** What follows `client/`, `topic/` or `topicfilter/`. */
function nameOf(resource: string): string | undefined {
  return /:(?:client|topic|topicfilter)\/(.+)$/.exec(resource)?.[1];
}

/** An ARN with what only CloudFormation knows in angle brackets. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, Ref } = value as { readonly 'Fn::Join'?: readonly [string, readonly unknown[]]; readonly Ref?: string };
  return join === undefined ? `<${Ref ?? 'unknown'}>` : join[1].map(flat).join(join[0]);
}

function listed(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
