import { describe, expect, it } from 'vitest';
import { CLOCKED_KEYS, SERVICE_KEYS } from '../../lib/names.ts';
import { PEOPLE } from '../../topology/grants.ts';
import { KEY_TAG } from '../../topology/names.ts';
import { STORAGE_DOMAINS } from '../../topology/storage.ts';
import { allows, type Request, type Statement, statementsOf, statementsOfRole } from './access.ts';
import { OPERATOR_LINK, synthesize } from './app.ts';
import { type Placed, resolved, roleArn } from './resolved.ts';

const all = resolved(synthesize({ domain: 'dev.example.org', operatorLink: OPERATOR_LINK }));
const roleNamed = (name: string) =>
  all.find(({ Type, Properties }) => Type === 'AWS::IAM::Role' && Properties['RoleName'] === `joulekeep-dev-${name}`)!;
const operator = statementsOfRole(roleNamed('operator-cli'), all);
const ADMINISTRATOR: Statement = { Effect: 'Allow', Action: ['*'], Resource: ['*'], Condition: {} };

function keyBehind(name: string): Placed {
  const alias = `alias/joulekeep-dev-${name}`;
  const { Properties } = all.find((found) => found.Type === 'AWS::KMS::Alias' && found.Properties['AliasName'] === alias)!;
  return all.find(({ Type, id }) => Type === 'AWS::KMS::Key' && String(Properties['TargetKeyId']).endsWith(`/${id}`))!;
}

/** What the service knows of a key, and of the tag a request puts on it. @param tag id of the key it says to be */
function contextOf({ Properties }: Placed, id: string, stage = 'dev'): Request['context'] {
  const tag = `joulekeep-${stage}-${id}`;
  return {
    'aws:PrincipalArn': [roleArn('joulekeep-dev-operator-cli')],
    'kms:KeyUsage': [String(Properties['KeyUsage'] ?? 'ENCRYPT_DECRYPT')],
    'kms:KeySpec': [String(Properties['KeySpec'] ?? 'SYMMETRIC_DEFAULT')],
    [`aws:RequestTag/${KEY_TAG}`]: [tag],
    [`aws:ResourceTag/${KEY_TAG}`]: [tag],
  };
}

const KEYS = [...SERVICE_KEYS.map(({ id }) => id), ...STORAGE_DOMAINS.map((domain) => `storage-${domain}`)];
/** Keys of authentication codes that the clock succeeds. */
const MACS = CLOCKED_KEYS.filter(({ usage }) => usage === 'mac').map(({ id }) => id);
const TAGS = CLOCKED_KEYS.map(({ id }) => id);
const mayWith = (own: readonly Statement[], policy: readonly Statement[], action: string, context: Request['context']) =>
  allows(own, policy, { action, resource: 'arn:aws:kms:eu-central-1:111122223333:key/some', context });
const policyOf = (key: Placed) => statementsOf(key.Properties['KeyPolicy']);
const denialsIn = (key: Placed) => policyOf(key).filter(({ Effect }) => Effect === 'Deny');

describe('keys and the operator’s command line', () => {
  it.each(KEYS)('C10.1-6: %s ends by it under no tag whatever, unless it is one of authentication codes that the clock succeeds', (id) => {
    const key = keyBehind(id);
    const ending = TAGS.filter((tag) => mayWith(operator, denialsIn(key), 'kms:ScheduleKeyDeletion', contextOf(key, tag)));
    expect(ending).toEqual(MACS.includes(id) ? MACS : []);
    const byRole = TAGS.filter((tag) => mayWith(operator, [], 'kms:ScheduleKeyDeletion', contextOf(key, tag)));
    expect(byRole).toEqual(key.Properties['KeyUsage'] === 'GENERATE_VERIFY_MAC' ? MACS : []);
  });

  it('R9.3-5, C10.1-6: the key of pseudonyms changes by people alone: no clock names it, and its end is denied', () => {
    expect([TAGS, MACS, SERVICE_KEYS.map(({ id }) => id)].map((ids) => ids.includes('pseudonym'))).toEqual([false, false, true]);
    expect(MACS.length).toBeGreaterThan(1);
    const key = keyBehind('pseudonym');
    expect(JSON.stringify(key.Properties['Tags'] ?? [])).not.toContain(KEY_TAG);
    expect(JSON.stringify(operator)).not.toContain('pseudonym');
    for (const tag of [...MACS, 'pseudonym'])
      for (const action of ['kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:TagResource'])
        expect(mayWith([ADMINISTRATOR], policyOf(key), action, contextOf(key, tag))).toBe(false);
  });

  it.each(KEYS.filter((id) => !MACS.includes(id)))('C10.1-6: %s itself denies it an end, whatever else allows that', (id) => {
    const key = keyBehind(id);
    for (const action of [
      'kms:ScheduleKeyDeletion',
      'kms:DisableKey',
      'kms:UntagResource',
      ...(TAGS.includes(id) ? [] : ['kms:TagResource']),
    ])
      expect(mayWith([ADMINISTRATOR], policyOf(key), action, contextOf(key, 'cursor'))).toBe(false);
  });

  it('C10.1-6: a tag goes onto keys of its kind alone', () => {
    for (const id of KEYS) {
      const key = keyBehind(id);
      const tagging = TAGS.filter((tag) => mayWith(operator, [], 'kms:TagResource', contextOf(key, tag)));
      const alike = CLOCKED_KEYS.filter(({ id: other }) => keyBehind(other).Properties['KeyUsage'] === key.Properties['KeyUsage']);
      expect(tagging).toEqual(key.Properties['KeyUsage'] === undefined ? [] : alike.map((other) => other.id));
    }
  });

  it('C10.1-6: keys of another stage in the account are neither ended, named, made nor tagged by it', () => {
    for (const { id } of CLOCKED_KEYS) {
      const may = (stage: string) =>
        ['kms:ScheduleKeyDeletion', 'kms:CreateAlias', 'kms:UpdateAlias', 'kms:CreateKey', 'kms:TagResource'].filter((action) =>
          mayWith(operator, [], action, contextOf(keyBehind(id), id, stage)),
        );
      expect([id, may('prod')]).toEqual([id, []]);
      expect(may('dev').length).toBeGreaterThan(3);
    }
  });

  it('C10.1-6: successors are made under the tag of what they succeed, as keys of its kind, and under no other', () => {
    for (const { id } of CLOCKED_KEYS) {
      const context = contextOf(keyBehind(id), id);
      const { 'kms:KeyUsage': _usage, 'kms:KeySpec': _spec, ...unmade } = context;
      expect(mayWith(operator, [], 'kms:CreateKey', context)).toBe(true);
      expect(mayWith(operator, [], 'kms:TagResource', unmade)).toBe(true);
      expect(mayWith(operator, [], 'kms:CreateKey', { ...context, [`aws:RequestTag/${KEY_TAG}`]: [] })).toBe(false);
      expect(mayWith(operator, [], 'kms:TagResource', { ...unmade, [`aws:RequestTag/${KEY_TAG}`]: ['other'] })).toBe(false);
      expect(mayWith(operator, [], 'kms:CreateKey', { ...context, 'kms:KeyUsage': ['ENCRYPT_DECRYPT'] })).toBe(false);
    }
  });

  it('R9.1-1: data keys are made by no other action than the one that topology names', () => {
    const wrapping = SERVICE_KEYS.filter(({ usage }) => usage === 'encrypt-decrypt');
    expect(wrapping.length).toBeGreaterThan(2);
    const alike = ['WithoutPlaintext', 'Pair', 'PairWithoutPlaintext'].map((rest) => `kms:GenerateDataKey${rest}`);
    for (const { id } of wrapping)
      for (const action of alike)
        expect(mayWith([ADMINISTRATOR], policyOf(keyBehind(id)), action, contextOf(keyBehind(id), ''))).toBe(false);
  });

  it('R9.1-3: the log service uses the key of operations for logs of the functions alone', () => {
    const [keeps] = policyOf(keyBehind('storage-operations')).filter(({ Principal }) => JSON.stringify(Principal).includes('logs.'));
    const may = (group: string) =>
      mayWith([keeps!], [], 'kms:Decrypt', {
        'kms:EncryptionContext:aws:logs:arn': [`arn:aws:logs:eu-central-1:111122223333:log-group:${group}`],
      });
    expect(may('/aws/lambda/joulekeep-dev-ingest')).toBe(true);
    expect(may('/aws/lambda/another')).toBe(false);
    expect(mayWith([keeps!], [], 'kms:Decrypt', {})).toBe(false);
  });
});

describe('people', () => {
  it.each(PEOPLE)('C10.1-1: %s is taken on with a second factor', (principal) => {
    const statements = statementsOf(roleNamed(principal).Properties['AssumeRolePolicyDocument']);
    const byPeople = statements.filter(({ Principal }) => JSON.stringify(Principal).includes(':root'));
    expect(byPeople.length).toBeGreaterThan(0);
    for (const { Condition } of byPeople) expect(Condition).toEqual({ Bool: { 'aws:MultiFactorAuthPresent': ['true'] } });
  });

  it('what lies in any dead-letter or set-aside queue is read, moved or taken out by the operator', () => {
    const queues = all.filter(({ Type }) => Type === 'AWS::SQS::Queue').map(({ Properties }) => Properties);
    const may = (name: string, action: string) =>
      allows(operator, [], { action: `sqs:${action}`, resource: `arn:aws:sqs:eu-central-1:111122223333:${name}`, context: {} });
    const sources = queues.filter((queue) => queue['RedrivePolicy'] !== undefined);
    const waiting = queues.filter((queue) => queue['RedrivePolicy'] === undefined || /failed-positions$/.test(String(queue['QueueName'])));
    expect(waiting.length).toBeGreaterThan(9);
    for (const { QueueName } of waiting)
      for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'])
        expect([QueueName, may(String(QueueName), action)]).toEqual([QueueName, true]);
    const worked = sources.map(({ QueueName }) => String(QueueName));
    expect(worked.length).toBeGreaterThan(5);
    for (const name of worked) {
      expect([name, may(`${name}-dlq`, 'StartMessageMoveTask')]).toEqual([name, true]);
      expect([name, may(name, 'SendMessage')]).toEqual([name, true]);
    }
  });
});
