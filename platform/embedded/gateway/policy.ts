import { JoulekeepError } from '../../../events/errors.ts';
import type { PolicyDocument, PolicyStatement } from '../../../topology/device-access.ts';

/**
 * AWS IoT policies, evaluated here as there: an explicit deny wins, then an allow, else denied. `*` stands for any
 * characters and `?` for one, in what a policy says; in a request they are ordinary characters, and so are the MQTT
 * wildcards + and # on both sides: who is allowed `a/b` may not subscribe to `a/+`.
 * @source AWS IoT Developer Guide, AWS IoT Core policies; X.1332 10.1
 */
export interface AccessRequest {
  readonly action: DeviceAction;
  /** Full ARN. */
  readonly resource: string;
}

export type DeviceAction = 'iot:Connect' | 'iot:Publish' | 'iot:RetainPublish' | 'iot:Subscribe' | 'iot:Receive';

/** What policy variables stand for. */
export interface AccessContext {
  readonly clientId: string;
  /** The thing the certificate is attached to; undefined when to none. */
  readonly thing: string | undefined;
}

export type Decision = 'allow' | 'explicit-deny' | 'default-deny';
export type Evaluator = (request: AccessRequest, context: AccessContext) => Decision;

const ACTIONS: readonly string[] = ['iot:Connect', 'iot:Publish', 'iot:RetainPublish', 'iot:Subscribe', 'iot:Receive', 'iot:*'];
const VARIABLES: Readonly<Record<string, (context: AccessContext) => string | undefined>> = {
  'iot:ClientId': (context) => context.clientId,
  'iot:Connection.Thing.ThingName': (context) => context.thing,
  'iot:Connection.Thing.IsAttached': (context) => String(context.thing !== undefined),
};

/**
 * Prepares documents for evaluation.
 * @throws ERR_POLICY_UNSUPPORTED on any element, action, variable or condition this evaluator doesn't know: what can't
 * be understood must not be skipped
 */
export function compilePolicies(documents: readonly PolicyDocument[]): Evaluator {
  const statements = documents.flatMap((document) => {
    if (document.Version !== '2012-10-17') throw unsupported(`Version ${String(document.Version)}`);
    return document.Statement.map(compileStatement);
  });
  const denies = statements.filter((statement) => statement.effect === 'Deny');
  const allows = statements.filter((statement) => statement.effect === 'Allow');
  return (request, context) => {
    if (denies.some((statement) => statement.covers(request, context))) return 'explicit-deny';
    return allows.some((statement) => statement.covers(request, context)) ? 'allow' : 'default-deny';
  };
}

interface CompiledStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly covers: (request: AccessRequest, context: AccessContext) => boolean;
}

function compileStatement(statement: PolicyStatement): CompiledStatement {
  for (const key of Object.keys(statement)) if (!['Effect', 'Action', 'Resource', 'Condition'].includes(key)) throw unsupported(key);
  for (const action of statement.Action) if (!ACTIONS.includes(action)) throw unsupported(action);
  const actions = new Set(statement.Action);
  const patterns = statement.Resource.map(compilePattern);
  const condition = compileCondition(statement);
  return {
    effect: statement.Effect,
    covers: (request, context) =>
      (actions.has('iot:*') || actions.has(request.action)) &&
      condition(context) &&
      patterns.some((pattern) => matches(pattern, request.resource, context)),
  };
}

function compileCondition(statement: PolicyStatement): (context: AccessContext) => boolean {
  const operators = Object.keys(statement.Condition ?? {});
  if (operators.some((operator) => operator !== 'Bool')) throw unsupported(operators.join());
  const tests = Object.entries(statement.Condition?.Bool ?? {}).map(([name, values]) => ({ value: variable(name), values }));
  return (context) => tests.every(({ value, values }) => values.some((wanted) => wanted === value(context)));
}

/** A pattern as parts: text taken literally, `*`, `?`, or a variable whose value is taken literally as well. */
type Part = string | typeof ANY | typeof ONE | ((context: AccessContext) => string | undefined);
const ANY = Symbol('*');
const ONE = Symbol('?');

function compilePattern(pattern: string): readonly Part[] {
  return (pattern.match(/\$\{[^}]*\}|\*|\?|[^$*?]+|\$/g) ?? []).map((part) => {
    if (part === '*') return ANY;
    if (part === '?') return ONE;
    return part.startsWith('${') ? variable(part.slice(2, -1)) : part;
  });
}

function variable(name: string): (context: AccessContext) => string | undefined {
  const value = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
  if (value === undefined) throw unsupported(name);
  return value;
}

/** A variable without a value matches nothing. */
function matches(pattern: readonly Part[], text: string, context: AccessContext): boolean {
  const symbols: (string | typeof ANY | typeof ONE)[] = [];
  for (const part of pattern) {
    const value = typeof part === 'function' ? part(context) : part;
    if (value === undefined) return false;
    if (typeof value === 'string') symbols.push(...value);
    else symbols.push(value);
  }
  return globMatches(symbols, [...text]);
}

/** Greedy with one point of return, so at worst pattern length times text length. */
function globMatches(pattern: readonly (string | symbol)[], text: readonly string[]): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let starText = 0;
  while (t < text.length) {
    if (pattern[p] === ANY) {
      starAt = p++;
      starText = t;
    } else if (p < pattern.length && (pattern[p] === ONE || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++starText;
    } else return false;
  }
  while (pattern[p] === ANY) p++;
  return p === pattern.length;
}

function unsupported(what: string): JoulekeepError {
  return new JoulekeepError('ERR_POLICY_UNSUPPORTED', `the embedded broker can't evaluate this policy: ${what}`);
}
