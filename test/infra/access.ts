import type { Placed } from './resolved.ts';

/** A statement of a policy, its lists made arrays. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What is asked for. `context` is what the service knows of it, by condition key. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

export function statementsOf(document: unknown): readonly Statement[] {
  const { Statement } = document as { readonly Statement: readonly Record<string, unknown>[] };
  return Statement.map(({ Effect, Principal, Action, Resource, Condition, NotAction, NotResource }) => {
    if (NotAction !== undefined || NotResource !== undefined) throw new Error('the evaluator knows no NotAction and no NotResource');
    const conditions = Object.entries((Condition ?? {}) as Record<string, Record<string, unknown>>).map(
      ([operator, keys]) => [operator, Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, listOf(values)]))] as const,
    );
    return {
      Effect: Effect as Statement['Effect'],
      Principal,
      Action: listOf(Action),
      Resource: listOf(Resource),
      Condition: Object.fromEntries(conditions),
    };
  });
}

function listOf(value: unknown): readonly string[] {
  return value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(textOf);
}

/** @throws for what is left of an expression: it would match nothing, and nobody would see it */
function textOf(value: unknown): string {
  if (typeof value === 'object') throw new Error(`the evaluator does not see through ${JSON.stringify(value)}`);
  return String(value);
}

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogGroups', 'logs:DescribeLogStreams', 'logs:PutLogEvents'];

/** What AWS's own policies allow, as far as their names promise: none of them reads what is ours. */
const MANAGED: Readonly<Record<string, readonly string[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs': [...LOGS, 'logs:FilterLogEvents', 'logs:GetLogEvents'],
  'service-role/AWSIoTDeviceDefenderAudit': [
    'iot:DescribeCACertificate',
    'iot:DescribeCertificate',
    'iot:GetLoggingOptions',
    'iot:GetPolicy',
    'iot:GetV2LoggingOptions',
    'iot:ListCACertificates',
    'iot:ListCertificates',
    'iot:ListPolicies',
  ],
};

/** Statements of a role, inline, attached here, and of the managed policies known above. @throws for others, whose text nobody sees */
export function statementsOfRole(role: Placed, all: readonly Placed[]): readonly Statement[] {
  const managed = listOf(role.Properties['ManagedPolicyArns']).map((arn) => {
    const Action = MANAGED[arn.replace('arn:aws:iam::aws:policy/', '')];
    if (Action === undefined) throw new Error(`${role.id}: ${arn}, whose text nobody sees here`);
    return { Effect: 'Allow' as const, Action, Resource: ['*'], Condition: {} };
  });
  const inline = (role.Properties['Policies'] ?? []) as readonly { readonly PolicyDocument: unknown }[];
  const attached = all.filter(
    ({ Type, stack, Properties }) =>
      Type === 'AWS::IAM::Policy' &&
      stack === role.stack &&
      (Properties['Roles'] as unknown[]).includes(role.Properties['RoleName'] ?? role.id),
  );
  const documents = [...inline, ...attached.map(({ Properties }) => ({ PolicyDocument: Properties['PolicyDocument'] }))];
  return [...managed, ...documents.flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument))];
}

/** Within one account: an explicit denial wins; else the role's own statements must allow it, or the resource's must allow the role. */
export function allows(identity: readonly Statement[], resource: readonly Statement[], request: Request): boolean {
  const applying = [...identity, ...resource].filter((statement) => applies(statement, request));
  if (applying.some(({ Effect }) => Effect === 'Deny')) return false;
  return identity.some((statement) => statement.Effect === 'Allow' && applies(statement, request));
}

/** Whether a key's policy lets the account's roles have their permissions on their own side; keys know no other way. */
export function trustsAccount(policy: readonly Statement[], action: string): boolean {
  return policy.some(({ Effect, Principal, Action }) => {
    const root = (Principal as { readonly AWS?: string } | undefined)?.AWS?.endsWith(':root');
    return Effect === 'Allow' && root === true && Action.some((pattern) => matches(pattern, action));
  });
}

function applies({ Action, Resource, Condition }: Statement, { action, resource, context }: Request): boolean {
  if (!Action.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()))) return false;
  if (!Resource.some((pattern) => matches(pattern, resource))) return false;
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, wanted, context[key] ?? [])),
  );
}

/** @throws for an operator it doesn't know: what nobody evaluates must not pass */
function holds(operator: string, wanted: readonly string[], given: readonly string[]): boolean {
  const any = (value: string) => wanted.some((pattern) => matches(pattern, value));
  switch (operator) {
    case 'StringEquals':
      return given.some((value) => wanted.includes(value));
    case 'StringEqualsIfExists':
      return given.length === 0 || given.some((value) => wanted.includes(value));
    case 'Bool':
      return given.some((value) => wanted.includes(value));
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
    case 'ForAnyValue:StringLike':
      return given.some(any);
    case 'NumericLessThan':
      return given.some((value) => wanted.some((bound) => Number(value) < Number(bound)));
    case 'Null':
      return wanted.includes(String(given.length === 0));
    case 'ArnNotEquals':
      return !given.some(any);
    case 'ForAllValues:StringLike':
      return given.every(any);
    case 'ForAllValues:StringNotLike':
      return given.every((value) => !any(value));
    default:
      throw new Error(`the evaluator knows no ${operator}`);
  }
}

function matches(pattern: string, value: string): boolean {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 's').test(value);
}
