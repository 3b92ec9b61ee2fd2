/**
 * Which device may say what, where, and where it lands: topics, policies, thing types and rules as plain data.
 * `lib/` hands the very same documents to AWS IoT, `platform/embedded/gateway` evaluates them in the broker.
 * @source X.1332 9.1 (sender authentic in each transaction), 10.1 (access control)
 */

export type DeviceRoleName = 'meter' | 'concentrator' | 'customer-device' | 'third-party' | 'operator';

/** Filled in by the platform that uses a document. */
export interface ArnScope {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  /** `arn:<partition>:iot:<region>:<account>:<kind>/<name>` until `resolvePolicy` filled in the scope. */
  readonly Resource: readonly string[];
  readonly Condition?: { readonly Bool: Readonly<Record<string, readonly ('true' | 'false')[]>> };
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** @returns `dc-<dcId>` */
export function concentratorThing(dcId: string): string {
  return `dc-${dcId}`;
}

/** @returns `m-<meterId>` */
export function meterThing(meterId: string): string {
  return `m-${meterId}`;
}

/**
 * A rule of the gateway: what a device publishes on `topic` becomes one message of `queue`, durable before the
 * publish is acknowledged. The message is JSON: `{"dcId", "brokerTime" (UTC ms), [field]: base64 of the payload}`.
 */
export interface TopicRule {
  readonly name: string;
  readonly queue: 'telemetry' | 'handshake' | 'service';
  /** Name of the message's field that holds the payload. */
  readonly field: 'batch' | 'message' | 'csr';
}

export const TOPIC_RULES = {
  /** One batch of sealed frames. */
  telemetry: { name: 'joulekeep_telemetry', queue: 'telemetry', field: 'batch' },
  /** HELLO or renewal of one meter, raw. */
  handshake: { name: 'joulekeep_handshake', queue: 'handshake', field: 'message' },
  /** The concentrator's own certificate request, DER. */
  service: { name: 'joulekeep_service', queue: 'service', field: 'csr' },
} as const satisfies Record<string, TopicRule>;

/** Basic Ingest: the topic names its rule, nobody can subscribe to it. */
export function upTopic(rule: TopicRule, thing: string): string {
  return `$aws/rules/${rule.name}/v1/dc/${thing}/up`;
}

export function downTopic(thing: string): string {
  return `v1/dc/${thing}/down`;
}

/**
 * The rule as AWS IoT runs it (SQL version 2016-03-23). `topic()` doesn't see the `$aws/rules/<rule>` prefix; what is taken
 * off it occurs once, since a thing's name has no slash. Emulators know `replace`, and no `substring`.
 */
export function ruleSql(rule: TopicRule): string {
  return `SELECT replace(replace(topic(), 'v1/dc/dc-', ''), '/up', '') AS dcId, timestamp() AS brokerTime, encode(*, 'base64') AS ${rule.field} FROM 'v1/dc/+/up'`;
}

/** The rule and the thing a topic names; undefined when no rule takes it. The embedded meaning of the FROM clause. */
export function ruleOfTopic(topic: string): { readonly rule: TopicRule; readonly thing: string } | undefined {
  const [dollar, rules, name, version, kind, thing, direction, ...rest] = topic.split('/');
  if (dollar !== '$aws' || rules !== 'rules' || version !== 'v1' || kind !== 'dc' || direction !== 'up' || rest.length > 0)
    return undefined;
  const rule = Object.values(TOPIC_RULES).find((candidate) => candidate.name === name);
  return rule === undefined || thing === undefined ? undefined : { rule, thing };
}

/** The message the rule makes. The embedded meaning of the SELECT clause. @param brokerTime UTC ms */
export function ruleMessage(rule: TopicRule, thing: string, brokerTime: number, payload: Buffer): string {
  return JSON.stringify({ dcId: thing.slice(3), brokerTime, [rule.field]: payload.toString('base64') });
}

/** @param kind `client` for Connect, `topic` for Publish and Receive, `topicfilter` for Subscribe */
export function deviceArn(scope: ArnScope, kind: 'client' | 'topic' | 'topicfilter', name: string): string {
  return `arn:${scope.partition}:iot:${scope.region}:${scope.account}:${kind}/${name}`;
}

const OPEN_SCOPE: ArnScope = { partition: '<partition>', region: '<region>', account: '<account>' };
const THING = '$' + '{iot:Connection.Thing.ThingName}';
const ATTACHED = { Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } } as const;

/** A concentrator speaks as itself, on its own topics, while its certificate is attached to it; nothing else is allowed. */
const CONCENTRATOR_POLICY: NamedPolicy = {
  name: 'joulekeep-concentrator',
  document: {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['iot:Connect'], Resource: [deviceArn(OPEN_SCOPE, 'client', THING)], Condition: ATTACHED },
      {
        Effect: 'Allow',
        Action: ['iot:Publish'],
        Resource: Object.values(TOPIC_RULES).map((rule) => deviceArn(OPEN_SCOPE, 'topic', upTopic(rule, THING))),
      },
      { Effect: 'Allow', Action: ['iot:Subscribe'], Resource: [deviceArn(OPEN_SCOPE, 'topicfilter', downTopic(THING))] },
      { Effect: 'Allow', Action: ['iot:Receive'], Resource: [deviceArn(OPEN_SCOPE, 'topic', downTopic(THING))] },
    ],
  },
};

export interface ThingType {
  readonly name: string;
  readonly role: DeviceRoleName;
  readonly thingPrefix: string;
  /** None: things of this type can't even connect. */
  readonly policies: readonly NamedPolicy[];
}

/** Meters speak only through a concentrator; one with its own modem runs the concentrator's software and is one. */
export const THING_TYPES: readonly ThingType[] = [
  { name: 'joulekeep-concentrator', role: 'concentrator', thingPrefix: 'dc-', policies: [CONCENTRATOR_POLICY] },
  { name: 'joulekeep-meter', role: 'meter', thingPrefix: 'm-', policies: [] },
];

/** Things in this group are denied everything, whatever else allows it. */
export const QUARANTINE_GROUP: { readonly name: string; readonly policy: NamedPolicy } = {
  name: 'joulekeep-quarantine',
  policy: {
    name: 'joulekeep-quarantine',
    document: { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: ['iot:*'], Resource: ['*'] }] },
  },
};

/** Policies in force for a thing of this role. */
export function policiesOf(role: DeviceRoleName, quarantined: boolean): readonly NamedPolicy[] {
  const own = THING_TYPES.find((type) => type.role === role)?.policies ?? [];
  return quarantined ? [...own, QUARANTINE_GROUP.policy] : own;
}

/** Fills in partition, region and account; in `lib/` these are CloudFormation pseudo parameters. */
export function resolvePolicy(document: PolicyDocument, scope: ArnScope): PolicyDocument {
  const fill = (arn: string) =>
    arn.replaceAll('<partition>', scope.partition).replaceAll('<region>', scope.region).replaceAll('<account>', scope.account);
  return { ...document, Statement: document.Statement.map((statement) => ({ ...statement, Resource: statement.Resource.map(fill) })) };
}
