import { describe, expect, it } from 'vitest';
import { wideResources } from '../../lib/grants/grant.ts';
import { GRANTS } from '../../topology/grants.ts';
import { KEY_TABLE, type KeyTableOperation } from '../../topology/key-table.ts';
import { PRINCIPALS, permits } from '../../topology/principals.ts';
import { allows, statementsOf, statementsOfRole } from './access.ts';
import { OPERATOR_LINK, synthesize } from './app.ts';
import { type Placed, resolved, roleArn } from './resolved.ts';

const all = resolved(synthesize({ domain: 'dev.example.org', operatorLink: OPERATOR_LINK }));
const roles = all.filter(({ Type }) => Type === 'AWS::IAM::Role');
/** A role that nobody needs to name has what the construct tree calls it. */
const nameOf = ({ Properties, id }: Placed) =>
  String(Properties['RoleName'] ?? id.replace(/[0-9A-F]{8}$/, '')).replace('joulekeep-dev-', '');
const statements = new Map(roles.map((role) => [nameOf(role), statementsOfRole(role, all)]));

const LOG = 'logs:CreateLogStream logs:PutLogEvents xray:PutTelemetryRecords xray:PutTraceSegments';
const READ = 'dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query';
const WRITE = 'dynamodb:BatchWriteItem dynamodb:PutItem';
const STORE = 'kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:GetPublicKey kms:ReEncryptFrom kms:ReEncryptTo';
const RECEIVE = 'sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage';
const SEND = 'sqs:GetQueueUrl sqs:SendMessage';
const OBJECTS = 's3:GetObject s3:ListBucket';
const QUARANTINE = 'iot:AddThingToThingGroup iot:DeleteConnection iot:DescribeThing';
const CERTIFICATES =
  'iot:AttachPolicy iot:AttachThingPrincipal iot:CreateThing iot:DescribeCertificate iot:ListPrincipalThings iot:ListThingGroupsForThing iot:ListThingPrincipals iot:RegisterCertificateWithoutCA iot:UpdateCertificate';
const FEED = 'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams';
const TELL = 'kms:Decrypt kms:GenerateDataKey sns:Publish';
const DELIVER = 'kms:Decrypt kms:GenerateDataKey s3:PutObject sqs:SendMessage';

/** What the checks of the audit read. */
const AUDIT =
  'cognito-identity:GetIdentityPoolRoles iam:GenerateServiceLastAccessedDetails iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:GetServiceLastAccessedDetails iam:ListAttachedRolePolicies iam:ListRolePolicies iot:DescribeCACertificate iot:DescribeCertificate iot:DescribeRoleAlias iot:GetEffectivePolicies iot:GetLoggingOptions iot:GetPolicy iot:GetV2LoggingOptions iot:ListCACertificates iot:ListCertificates iot:ListPolicies iot:ListRoleAliases';

/** Every action of every role. Whoever changes what a function may do changes this table, and is seen to. */
const ACTIONS: Readonly<Record<string, string>> = {
  ingest: `${STORE} kms:Sign ${READ} ${WRITE} ${RECEIVE} ${OBJECTS} s3:PutObject ${QUARANTINE} iot:Publish ${LOG}`,
  keys: `${STORE} kms:Sign kms:DeriveSharedSecret ${READ} ${WRITE} dynamodb:DeleteItem ${RECEIVE} ${OBJECTS} s3:PutObject ${QUARANTINE} ${CERTIFICATES} iot:Publish ${LOG}`,
  enrol: `${STORE} kms:Sign ${READ} ${WRITE} ${RECEIVE} ${OBJECTS} s3:PutObject ${QUARANTINE} iot:RemoveThingFromThingGroup ${CERTIFICATES} ${LOG}`,
  maintenance: `${STORE} kms:Sign ${READ} ${WRITE} dynamodb:DeleteItem dynamodb:UpdateItem ${SEND} ${OBJECTS} s3:PutObject iot:DeleteConnection iot:DescribeCertificate iot:DescribeThing iot:ListPrincipalThings iot:ListThingGroupsForThing iot:ListThingPrincipals iot:RemoveThingFromThingGroup iot:UpdateCertificate ${LOG}`,
  'close-day': `${STORE} ${READ} ${WRITE} ${SEND} ${OBJECTS} ${LOG}`,
  editing: `${STORE} kms:GenerateMac ${READ} ${WRITE} ${OBJECTS} ${LOG}`,
  // Sessions lie in the key table alone.
  session: `${STORE} ${READ} dynamodb:PutItem dynamodb:DeleteItem cognito-idp:AdminGetUser cognito-idp:AdminListGroupsForUser ${LOG}`,
  billing: `${STORE} ${READ} ${WRITE} ${RECEIVE} ${SEND} ${OBJECTS} s3:PutObject ${LOG}`,
  project: `${STORE} ${READ} ${WRITE} dynamodb:Scan ${FEED} ${SEND} ${OBJECTS} ${LOG}`,
  relay: `${STORE} ${READ} dynamodb:PutItem ${FEED} ${SEND} ${OBJECTS} events:DescribeEventBus events:PutEvents ${LOG}`,
  'billing-api': `${STORE} kms:Sign ${READ} ${WRITE} ${RECEIVE} ${SEND} ${OBJECTS} ${LOG}`,
  deliver: `${STORE} kms:Sign ${READ} ${WRITE} ${RECEIVE} ${SEND} ${OBJECTS} ${LOG}`,
  prices: `${STORE} kms:Sign dynamodb:GetItem dynamodb:Query dynamodb:PutItem ${SEND} ${OBJECTS} ${LOG}`,
  'price-api': `kms:Decrypt kms:DescribeKey kms:GetPublicKey dynamodb:GetItem dynamodb:Query ${OBJECTS} ${LOG}`,
  archive: `${STORE} kms:Sign ${READ} ${WRITE} dynamodb:UpdateItem ${SEND} ${OBJECTS} s3:DeleteObject s3:PutObject ${LOG}`,
  // Ends rows of subjects, and has no way to what is under them.
  erasure: `${STORE} ${READ} ${WRITE} dynamodb:Scan dynamodb:UpdateItem ${SEND} ${OBJECTS} ${LOG}`,
  export: `${STORE} ${READ} dynamodb:PutItem ${OBJECTS}`,
  // It marks proofs of sessions, and writes nothing else.
  auditor: `${STORE} kms:GenerateMac ${READ} dynamodb:PutItem ${OBJECTS} iot:DescribeCertificate iot:DescribeThing iot:ListPrincipalThings iot:ListThingGroupsForThing iot:ListThingPrincipals ${LOG}`,
  'operator-cli': `${STORE} kms:CreateAlias kms:CreateKey kms:GetKeyPolicy kms:ScheduleKeyDeletion kms:TagResource kms:UpdateAlias ${SEND} sqs:CancelMessageMoveTask sqs:DeleteMessage sqs:GetQueueAttributes sqs:ListMessageMoveTasks sqs:ReceiveMessage sqs:StartMessageMoveTask ${OBJECTS} s3:PutObject ${LOG}`,
  consent: `${STORE} ${READ} ${WRITE} ${SEND} ${OBJECTS} ${LOG}`,
  authorization: `${STORE} kms:GenerateMac ${READ} ${WRITE} dynamodb:DeleteItem ${LOG}`,
  'third-party-api': `${STORE} kms:Sign kms:GenerateMac ${READ} ${WRITE} ${OBJECTS} ${LOG}`,
  'account-api': `${STORE} kms:GenerateMac ${READ} dynamodb:PutItem ${OBJECTS} ${LOG}`,
  'third-party-feed': `${STORE} kms:Sign kms:GenerateMac ${READ} ${WRITE} ${RECEIVE} ${OBJECTS} ${LOG}`,
  'usage-api': `${STORE} ${READ} dynamodb:PutItem ${OBJECTS} ${LOG}`,
  reconcile: `${STORE} dynamodb:GetItem dynamodb:Query dynamodb:PutItem ${SEND} ${OBJECTS} ${LOG}`,
  // Makes up what it answers.
  sandbox: LOG,
  ems: `${STORE} kms:Sign ${READ} dynamodb:PutItem ${SEND} ${LOG}`,
  forecast: `${STORE} dynamodb:GetItem dynamodb:Query dynamodb:PutItem ${SEND} ${OBJECTS} s3:PutObject ${LOG}`,
  publisher: `${STORE} kms:Sign ${OBJECTS} s3:PutObject`,
  'operator-api': `kms:Decrypt kms:DescribeKey kms:GetPublicKey ${READ} ${OBJECTS} ${LOG}`,
  'console-api': `${STORE} kms:GenerateMac ${READ} ${WRITE} sqs:GetQueueAttributes sqs:GetQueueUrl ${OBJECTS} iot:DescribeCertificate iot:DescribeThing iot:ListPrincipalThings iot:ListThingGroupsForThing iot:ListThingPrincipals ${LOG}`,
  // Names and hashes of commits; it reads no event and opens nothing.
  log: `${STORE} kms:Sign ${READ} ${WRITE} ${FEED} ${SEND} ${OBJECTS} s3:DeleteObject s3:PutObject ${LOG}`,
  // Sealed bytes and hashes, and its own mark; of keys the public halves alone.
  'log-check': `kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:GetPublicKey kms:ReEncryptFrom kms:ReEncryptTo dynamodb:GetItem dynamodb:Query ${SEND} ${OBJECTS} s3:PutObject ${LOG}`,
  deidentify: `${STORE} ${READ} dynamodb:PutItem ${SEND} ${OBJECTS} s3:DeleteObject s3:PutObject ${LOG}`,
  'rule-telemetry': DELIVER,
  'rule-handshake': DELIVER,
  'rule-service': DELIVER,
  scheduler: 'kms:Decrypt kms:GenerateDataKey lambda:InvokeFunction sqs:SendMessage',
  'rule-registrations': 'kms:Decrypt kms:GenerateDataKey sqs:SendMessage',
  QuarantineActionRole: 'iot:AddThingToThingGroup iot:ListPrincipalThings',
  // Attaches the quarantine's policy to its group, for which CloudFormation has no resource.
  QuarantineAttacher: 'iot:AttachPolicy iot:DetachPolicy logs:CreateLogStream logs:PutLogEvents',
  AuditAuditor: AUDIT,
  AuditTeller: TELL,
  WatchTeller: TELL,
  LogRole: 'logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents logs:PutRetentionPolicy',
  HealthRole: LOG,
  HealthCheckRole: LOG,
  // Shows the console's files, and reads nothing else.
  ConsoleSiteRole: `s3:GetObject s3:ListBucket ${LOG}`,
  ApiLogRole:
    'logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogGroups logs:DescribeLogStreams logs:FilterLogEvents logs:GetLogEvents logs:PutLogEvents',
};

/** Who may come in by the doors is written down by these besides. */
const REGISTRY: Readonly<Record<string, string>> = { 'operator-cli': 'dynamodb:GetItem dynamodb:PutItem dynamodb:Query' };

/** Actions on everything there is: those for which the service knows nothing narrower, and new keys, which have no name yet. */
const EVERYWHERE = [
  'dynamodb:ListStreams',
  'iot:RegisterCertificateWithoutCA',
  'kms:CreateKey',
  'kms:TagResource',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

/** Resources that end in a star or have one, and by what they are bounded instead. */
const WIDE: Readonly<Record<string, string>> = {
  'kms key/*': 'by alias or tag in a condition, and by each key’s own policy',
  'kms alias/<name>-*': 'generations of one key',
  'cognito-idp userpool/*': 'the one pool, whose id is given when it is made',
  's3 objects/<prefix>/*': 'one kind of object',
  's3 undelivered/<prefix>/*': 'one rule',
  's3 key-record/AWSLogs/*': 'what the key service’s trail wrote, to be read',
  's3 portal/*': 'the portal as it was published',
  's3 console/*': 'the console as it was published',
  'logs log-group:/aws/lambda/<name>:*': 'streams of the own log',
  'iot thing/<prefix>-*': 'devices of one type',
  'iot client/<prefix>-*': 'devices of one type',
  'iot cert/*': 'certificates of devices, named by their hash and without tags; each function checks which against its stream',
  'iot topic/v1/dc/dc-*/down': 'the way down to concentrators',
};

/** An ARN without partition, region, account and stage, names of one kind alike. */
function kindOf(arn: string): string {
  const [, , service, , , ...rest] = arn.split(':');
  const name = rest.join(':').replace('joulekeep-dev-', '').replace('-111122223333-eu-central-1', '');
  return `${service} ${name
    .replace(/^alias\/.+-\*$/, 'alias/<name>-*')
    .replace(/^(objects|undelivered)\/[a-z-]+(\/[a-z-]+)?\/?\*$/, '$1/<prefix>/*')
    .replace(/^log-group:\/aws\/lambda\/[a-z-]+:\*$/, 'log-group:/aws/lambda/<name>:*')
    .replace(/^(thing|client)\/(dc|m)-\*$/, '$1/<prefix>-*')}`;
}

describe('what each role may do', () => {
  it.each(Object.entries(ACTIONS))('C10.1-1: %s has exactly the actions of the table', (role, wanted) => {
    const found = new Set((statements.get(role) ?? []).flatMap(({ Action }) => Action));
    expect([...found].sort()).toEqual([...new Set([...wanted.split(' '), ...(REGISTRY[role]?.split(' ') ?? [])])].sort());
  });

  it('C10.1-1: no role is missing in the table', () => {
    expect([...statements.keys()].sort()).toEqual(Object.keys(ACTIONS).sort());
    expect(roles.length).toBe(statements.size);
  });

  /** Of principals, rules and schedules; those of the other stacks have the reasons of lib/guardrails/acknowledged-*.ts. */
  const named = () =>
    roles.filter(({ stack }) => ['services', 'gateway'].includes(stack)).flatMap((role) => statements.get(nameOf(role)) ?? []);

  it('C10.1-1: no action has a star, and none is allowed on everything but those that know nothing narrower', () => {
    const every = [...statements.values()].flat().flatMap(({ Action }) => Action);
    expect(every.filter((action) => action.includes('*'))).toEqual([]);
    const granted = named().filter(({ Effect }) => Effect === 'Allow');
    const everywhere = granted.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action);
    expect([...new Set(everywhere)].sort()).toEqual(EVERYWHERE);
  });

  it('C10.1-1: every resource with a star is of a kind that the table knows, and each kind occurs', () => {
    const resources = named().flatMap(({ Resource }) => Resource);
    const wide = resources.filter((resource) => resource !== '*' && resource.includes('*'));
    expect([...new Set(wide.map(kindOf))].sort()).toEqual(Object.keys(WIDE).sort());
  });

  it('a grant with a star and no reason is refused', () => {
    expect(() => wideResources({ sid: 'Planted', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::some/*'] })).toThrow(/no reason/);
  });

  it('a role’s statements fit into what the service takes', () => {
    const inProd = resolved(synthesize({ stage: 'prod', domain: 'meters.example.org', operatorLink: OPERATOR_LINK }));
    const both = [...roles, ...inProd.filter(({ Type }) => Type === 'AWS::IAM::Role')].filter(({ stack }) => stack === 'services');
    expect(both.length).toBeGreaterThan(2 * PRINCIPALS.length);
    for (const role of both) {
      const size = JSON.stringify(role.Properties['Policies']).length;
      expect(size, role.id).toBeLessThan(10_240);
      expect(size).toBeGreaterThan(100);
    }
  });
});

describe('what browsers load', () => {
  it('R9.2-4: is put there by the publisher alone, and taken away by nobody', () => {
    for (const site of ['portal', 'console']) {
      const resource = `arn:aws:s3:::joulekeep-dev-${site}-111122223333-eu-central-1/index.html`;
      const whoMay = (action: string) =>
        [...statements].filter(([, own]) => allows(own, [], { action, resource, context: {} })).map(([name]) => name);
      expect(whoMay('s3:PutObject')).toEqual(['publisher']);
      expect([...whoMay('s3:DeleteObject'), ...whoMay('s3:DeleteObjectVersion')]).toEqual([]);
    }
  });
});

describe('the event table', () => {
  const table = all.find(
    ({ Type, Properties }) => Type === 'AWS::DynamoDB::GlobalTable' && Properties['TableName'] === 'joulekeep-dev-events',
  )!;
  const arn = 'arn:aws:dynamodb:eu-central-1:111122223333:table/joulekeep-dev-events';
  const CHANGES = ['UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'].map(
    (name) => `dynamodb:${name}`,
  );
  const ENDS = ['DeleteTable', 'UpdateTable', 'UpdateTimeToLive', 'PutResourcePolicy', 'DeleteResourcePolicy', 'UpdateContinuousBackups'];

  const whoMay = (action: string) =>
    [...statements].filter(([, own]) => allows(own, [], { action, resource: arn, context: {} })).map(([name]) => name);

  it('C10.1-7: no role updates or deletes an item of it, or its protection', () => {
    for (const action of [...CHANGES, ...ENDS.map((name) => `dynamodb:${name}`)]) expect(whoMay(action)).toEqual([]);
  });

  const [replica] = table.Properties['Replicas'] as readonly { readonly ResourcePolicy: { readonly PolicyDocument: unknown } }[];
  const policy = statementsOf(replica!.ResourcePolicy.PolicyDocument);
  const administrator = [{ Effect: 'Allow' as const, Action: ['*'], Resource: ['*'], Condition: {} }];

  it('C10.1-7: anchors and trims are put by the archive alone, commits by everybody who appends', () => {
    const whoPuts = (partition: string) =>
      [...statements]
        .filter(([name, own]) => {
          const context = { 'dynamodb:LeadingKeys': [partition], 'aws:PrincipalArn': [roleArn(`joulekeep-dev-${name}`)] };
          return allows(own, policy, { action: 'dynamodb:PutItem', resource: arn, context });
        })
        .map(([name]) => name);
    expect(whoPuts('~anchor/meter/m-1')).toEqual(['archive']);
    expect(whoPuts('~trim/00')).toEqual(['archive']);
    expect(new Set(whoPuts('meter/m-1'))).toEqual(new Set(whoMay('dynamodb:PutItem')));
    const context = { 'dynamodb:LeadingKeys': ['~anchor/meter/m-1'], 'aws:PrincipalArn': [roleArn('some-administrator')] };
    expect(allows(administrator, policy, { action: 'dynamodb:PutItem', resource: arn, context })).toBe(false);
  });

  it('C10.1-7: the table itself denies changing what is recorded, whatever else allows it', () => {
    const may = (action: string) => allows(administrator, policy, { action, resource: arn, context: {} });
    expect(CHANGES.filter(may)).toEqual([]);
    expect(may('dynamodb:PutItem')).toBe(true);
  });

  it('C10.1-7: bodies of telemetry are put by those who write segments, read by those who may have their keys, and taken out by the archive alone', () => {
    const body = `arn:aws:s3:::joulekeep-dev-objects-111122223333-eu-central-1/bodies/segment/00000/0/${'0'.repeat(64)}`;
    const may = (action: string) =>
      [...statements].filter(([, own]) => allows(own, [], { action, resource: body, context: {} })).map(([name]) => name);
    const { allow } = KEY_TABLE.find(({ prefix }) => prefix === 'segment/')!;
    const who = (operation: KeyTableOperation) => Object.keys(allow).filter((principal) => permits(allow, principal, operation));
    expect(new Set(may('s3:PutObject'))).toEqual(new Set(who('put')));
    // Pages of today are opened for customers, and no body of telemetry. Who holds the store against the log has sealed bytes and no key.
    const readers = who('get').filter((name) => name !== 'usage-api');
    expect(new Set(may('s3:GetObject'))).toEqual(new Set([...readers, 'log-check']));
    expect(may('s3:DeleteObject')).toEqual(['archive']);
    for (const action of ['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention', 's3:PutObjectRetention'])
      expect(may(action)).toEqual([]);
  });

  it('C10.1-7: who holds it against the log reads what is sealed, has no row of a key, and writes its own mark alone', () => {
    const own = statements.get('log-check')!;
    const may = (action: string, key: string) => {
      const resource = `arn:aws:s3:::joulekeep-dev-objects-111122223333-eu-central-1/${key}`;
      return allows(own, [], { action, resource, context: {} });
    };
    const read = ['archive/0', 'bodies/segment/0', 'log/latest', 'restores/0', 'log-check/mark'];
    expect([...read, 'checkpoints/0', 'witness/0', 'keyring/0'].filter((key) => may('s3:GetObject', key))).toEqual(read);
    expect([...read, 'log/pending/0'].filter((key) => may('s3:PutObject', key))).toEqual(['log-check/mark']);
    const tables = ['events', 'keys', 'models', 'directory'].filter((name) =>
      allows(own, [], {
        action: 'dynamodb:GetItem',
        resource: `arn:aws:dynamodb:eu-central-1:111122223333:table/joulekeep-dev-${name}`,
        context: {},
      }),
    );
    expect(tables).toEqual(['events']);
    const others = [...statements].filter(([name]) => name !== 'log-check').map(([, other]) => other);
    const mark = 'arn:aws:s3:::joulekeep-dev-objects-111122223333-eu-central-1/log-check/mark';
    expect(others.filter((other) => allows(other, [], { action: 's3:PutObject', resource: mark, context: {} }))).toEqual([]);
  });

  it('C10.1-7: those append that topology names', () => {
    const appends = PRINCIPALS.filter((principal) => GRANTS[principal].events.includes('append'));
    expect(new Set(whoMay('dynamodb:PutItem'))).toEqual(new Set(appends));
    expect(appends.length).toBeGreaterThan(8);
  });
});
